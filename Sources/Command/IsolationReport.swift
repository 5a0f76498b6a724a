import ImageBuild
import Isolation

/// What keeps RUN away from the host, why not something better, and what would help: sentences.
struct IsolationReport {
  /// nil where no command can run.
  var choice: IsolationMode.Choice?
  var summary: String
  var reasons: [String]
  var advice: [String] = []

  /// What a build by this identity uses.
  ///
  /// - Parameter losses: what it goes without if it has one identity, as found before it became user 0.
  init(_ mode: IsolationMode, _ identity: BuilderIdentity, scratch: [UInt8], losses: [String]) {
    switch (mode, identity) {
    case (.auto, .namespaceRoot), (.namespace, .namespaceRoot):
      self.init(IsolationMode.Choice(mode: .namespace, userNamespace: .single, reasons: losses))
    case (.auto, .range(let mapping)), (.range, .range(let mapping)):
      self.init(IsolationMode.Choice(mode: .namespace, userNamespace: .ranges(mapping), reasons: []))
    case (.auto, .ordinary(let error?)), (.namespace, .ordinary(let error?)):
      self.init(refusal: "\(sentence(error.summary))")
    default: self.init(mode, IsolationProbe(scratch: scratch))
    }
  }

  /// What a request comes to with what a probe has found.
  init(_ mode: IsolationMode, _ probe: IsolationProbe) {
    do throws(IsolationError) {
      self.init(try mode.choose(probe))
      if case .fails = probe.freshProc {
        advice.append(
          "A container with --security-opt systempaths=unconfined (Kubernetes: procMount: Unmasked) lets a build have a /proc of its own."
        )
      }
      if case .fails = probe.overlay {
        advice.append("With the store (--root) on ext4, xfs, btrfs or tmpfs, RUN costs what it changes.")
      }
    } catch {
      guard case .unavailable(let mode, let reasons) = error else {
        self.init(refusal: "\(sentence(error.summary))")
        return
      }
      self.init(refusal: "Isolation \(mode.rawValue) is not to be had.")
      self.reasons += reasons
      if mode == .none { advice = [] }
    }
  }

  private init(refusal: String) {
    summary = "none: RUN cannot work; Dockerfiles without RUN build"
    reasons = [refusal]
    advice = [sentence(namespaceAdvice())]
  }

  private init(_ choice: IsolationMode.Choice) {
    self.choice = choice
    reasons = choice.reasons
    switch (choice.mode, choice.userNamespace) {
    case (.chroot, _):
      summary = "chroot, as root of a container: files apart, and nothing else"
      advice = [
        "A container that may make namespaces gives more: docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined; Kubernetes: seccompProfile Unconfined, or hostUsers: false."
      ]
    case (_, .none): summary = "namespaces, as root"
    case (_, .ranges(let mapping)) where mapping.isSubordinate:
      summary =
        "namespaces, as an ordinary user, in a user namespace with \(mapping.users.last?.count ?? 0) users of /etc/subuid"
    case (_, .ranges):
      summary = "namespaces, as root of a container, in a user namespace with all of its users"
    case (_, .single): summary = "namespaces, as an ordinary user, in a user namespace of one user"
    }
  }

  /// Lines for people.
  var text: String {
    ["isolation: \(summary)"].joined() + "\n"
      + (reasons.map { "  \($0)\n" } + advice.map { "  to do: \($0)\n" }).joined()
  }
}

/// A clause as a sentence.
private func sentence(_ clause: String) -> String {
  let text = clause.prefix(1).uppercased() + clause.dropFirst()
  return text.hasSuffix(".") ? text : text + "."
}
