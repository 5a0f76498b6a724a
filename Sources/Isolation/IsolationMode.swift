import Glibc

/// How a build keeps its processes away from the host.
package enum IsolationMode: String, Sendable, CaseIterable {
  /// The best that works.
  case auto
  /// Namespaces; for an ordinary user with one identity. See `NamespaceExecutor`.
  case namespace
  /// Namespaces with a range of /etc/subuid and /etc/subgid, for an ordinary user who has one. See docs/decisions/0022.
  case range
  /// A change of the root directory only; see `ChrootExecutor`.
  case chroot
  /// No processes at all.
  case none

  /// What a request comes to on a machine.
  package struct Choice: Sendable, Equatable {
    /// `.namespace` or `.chroot`.
    package var mode: IsolationMode
    package var userNamespace: UserNamespace
    /// What is lost against the best arrangement, and why; each is a sentence.
    package var reasons: [String]

    package init(mode: IsolationMode, userNamespace: UserNamespace, reasons: [String] = []) {
      self.mode = mode
      self.userNamespace = userNamespace
      self.reasons = reasons
    }

    /// What runs processes this way.
    package var executor: any Executor {
      mode == .chroot ? ChrootExecutor() : NamespaceExecutor(userNamespace: userNamespace)
    }
  }

  /// Decides with what the probe found.
  ///
  /// Throws `.unavailable` with reasons: a process is never run with less isolation than was asked for.
  package func choose(_ probe: IsolationProbe) throws(IsolationError) -> Choice {
    switch self {
    case .auto:
      // Alone in a user namespace, root of a container has fewer users than by a change of the root.
      let isAlone = probe.isRoot && probe.userNamespace == .single
      if probe.chroot == .works, probe.userNamespace == nil || isAlone { return Self.chroot(probe) }
      if let mapping = probe.usableRange { return Self.range(probe, mapping) }
      return try Self.namespace(probe)
    case .namespace: return try Self.namespace(probe)
    case .range: return try Self.range(probe)
    case .chroot:
      if probe.chroot == .works { return Self.chroot(probe) }
      guard case .fails(let error) = probe.chroot else {
        throw .unavailable(.chroot, reasons: ["Only root can change the root directory."])
      }
      throw .unavailable(.chroot, reasons: ["It fails: \(error.summary)."])
    case .none:
      throw .unavailable(.none, reasons: ["Without isolation no command of an image is run."])
    }
  }

  private static func namespace(_ probe: IsolationProbe) throws(IsolationError) -> Choice {
    guard let namespace = probe.userNamespace else {
      throw .unavailable(.namespace, reasons: refusals(probe) + hostSettings())
    }
    return Choice(mode: .namespace, userNamespace: namespace, reasons: losses(probe, namespace))
  }

  private static func range(_ probe: IsolationProbe) throws(IsolationError) -> Choice {
    if probe.isRoot {
      throw .unavailable(
        .range, reasons: ["Root has all identities without a range: isolation namespace is for root."])
    }
    let missing = missingForRange(probe.subordinate)
    guard missing.isEmpty, let mapping = probe.subordinate else {
      throw .unavailable(.range, reasons: missing)
    }
    if case .fails(let error) = probe.rangeUserNamespace {
      throw .unavailable(.range, reasons: ["It fails: \(error.summary)."] + hostSettings())
    }
    return range(probe, mapping)
  }

  private static func range(_ probe: IsolationProbe, _ mapping: IDMapping) -> Choice {
    Choice(mode: .namespace, userNamespace: .ranges(mapping), reasons: losses(probe, .ranges(mapping)))
  }

  private static func chroot(_ probe: IsolationProbe) -> Choice {
    Choice(
      mode: .chroot, userNamespace: .none,
      reasons: [
        "A command sees the processes and the network of this container, and no /proc.",
        "RUN --network=none and RUN --mount do not work, but for secrets in variables.",
      ] + refusals(probe) + hostSettings())
  }

  /// Why there are no namespaces.
  private static func refusals(_ probe: IsolationProbe) -> [String] {
    let tried = [
      (probe.privileged, "Namespaces without a user namespace fail"),
      (probe.ownUserNamespace, "A user namespace with all users fails"),
      (probe.singleUserNamespace, "A user namespace with a single user fails"),
    ]
    return tried.compactMap { finding, sentence in
      guard case .fails(let error) = finding else { return nil }
      return "\(sentence): \(error.summary)."
    }
  }

  /// What a build with one identity goes without, and whether this caller could have a range instead: sentences. Inside the
  /// namespace of such a build it cannot be told any more.
  ///
  /// - Parameter failure: why there is no range, if one was tried.
  package static func lossesOfOneIdentity(_ failure: IsolationError?) -> [String] {
    lossesOfOneIdentity(
      IDMapping.subordinateOfCaller(), failure.map { .fails($0) } ?? .notTried, isRoot: geteuid() == 0)
  }

  private static func lossesOfOneIdentity(
    _ subordinate: IDMapping?, _ range: IsolationProbe.Finding, isRoot: Bool
  ) -> [String] {
    var reasons = ["Only user 0 exists in a build; others are emulated, without checks of access."]
    let missing = missingForRange(subordinate)
    if !missing.isEmpty {
      reasons += missing
    } else if case .fails(let error) = range {
      reasons.append("A user namespace with a range of /etc/subuid fails: \(error.summary).")
    } else if !isRoot {
      reasons.append("Without --isolation namespace a build has users of its own, and checks of access.")
    }
    return reasons
  }

  private static func losses(_ probe: IsolationProbe, _ namespace: UserNamespace) -> [String] {
    var reasons: [String] = []
    if probe.isRoot, namespace != .none, case .fails(let error) = probe.privileged {
      reasons.append("Namespaces without a user namespace fail: \(error.summary).")
    }
    if namespace == .single {
      reasons += lossesOfOneIdentity(probe.subordinate, probe.rangeUserNamespace, isRoot: probe.isRoot)
    }
    if case .fails(let error) = probe.freshProc {
      reasons.append("A build sees the host's /proc, read-only: a new one fails: \(error.summary).")
    }
    if case .fails(let error) = probe.overlay {
      reasons.append("Overlays fail: \(error.summary).")
    }
    return reasons
  }

  /// The settings of a kernel that commonly stand in the way; each is a sentence.
  package static func hostSettings() -> [String] {
    let known: [(path: String, value: String, meaning: String)] = [
      ("/proc/sys/user/max_user_namespaces", "0", "no user namespaces are allowed"),
      ("/proc/sys/kernel/unprivileged_userns_clone", "0", "only root may make user namespaces"),
      (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
        "AppArmor lets only programs with a profile use user namespaces"
      ),
    ]
    return known.compactMap { setting in
      guard let content = readHostFile(setting.path, limit: 64),
        String(decoding: content, as: UTF8.self).split(separator: "\n").first == setting.value[...]
      else { return nil }
      return "\(setting.path) is \(setting.value): \(setting.meaning)."
    }
  }
}
