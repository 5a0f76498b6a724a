/// How a build keeps its processes away from the host.
package enum IsolationMode: String, Sendable, CaseIterable {
  /// The best that works.
  case auto
  /// Namespaces; see `NamespaceExecutor`.
  case namespace
  /// A change of the root directory only.
  case chroot
  /// No processes at all.
  case none

  /// What a request comes to on a machine.
  package struct Choice: Sendable, Equatable {
    package var mode: IsolationMode
    package var userNamespace: UserNamespace
    /// What is lost against the best arrangement, and why; each is a sentence.
    package var reasons: [String]
  }

  /// Decides with what the probe found.
  ///
  /// Throws `.unavailable` with reasons. `chroot` and `none` have no executor: a process is never run with less isolation
  /// than was asked for.
  package func choose(_ probe: IsolationProbe) throws(IsolationError) -> Choice {
    switch self {
    case .auto, .namespace:
      guard let namespace = probe.userNamespace else {
        throw .unavailable(.namespace, reasons: Self.refusals(probe))
      }
      return Choice(mode: .namespace, userNamespace: namespace, reasons: Self.losses(probe, namespace))
    case .chroot:
      throw .unavailable(.chroot, reasons: ["Isolation by chroot alone is not implemented."])
    case .none:
      throw .unavailable(.none, reasons: ["Without isolation no command of an image is run."])
    }
  }

  /// The executor for the choice.
  package func executor(_ probe: IsolationProbe) throws(IsolationError) -> NamespaceExecutor {
    NamespaceExecutor(userNamespace: try choose(probe).userNamespace)
  }

  private static func refusals(_ probe: IsolationProbe) -> [String] {
    var reasons: [String] = []
    if case .fails(let error) = probe.privileged {
      reasons.append("Root without a user namespace fails: \(error.summary).")
    }
    if case .fails(let error) = probe.rangeUserNamespace {
      reasons.append("A user namespace with a range of /etc/subuid fails: \(error.summary).")
    }
    if case .fails(let error) = probe.singleUserNamespace {
      reasons.append("A user namespace with a single user fails: \(error.summary).")
    }
    return reasons + hostSettings()
  }

  private static func losses(_ probe: IsolationProbe, _ namespace: UserNamespace) -> [String] {
    var reasons: [String] = []
    if namespace == .single {
      reasons.append("Only user 0 exists in a build; others are emulated, without checks of access.")
      if probe.subordinate == nil {
        reasons.append("/etc/subuid and /etc/subgid grant this user no range of 65536 identities.")
      } else if !probe.hasMapHelpers {
        reasons.append("The programs newuidmap and newgidmap are not installed.")
      } else if case .fails(let error) = probe.rangeUserNamespace {
        reasons.append("A user namespace with a range of /etc/subuid fails: \(error.summary).")
      }
    }
    if case .fails(let error) = probe.freshProc {
      reasons.append("A build sees the host's /proc, read-only: a new one fails: \(error.summary).")
    }
    if case .fails(let error) = probe.overlay {
      reasons.append("Overlays fail: \(error.summary).")
    }
    return reasons
  }

  /// The settings of a kernel that commonly stand in the way.
  private static func hostSettings() -> [String] {
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
