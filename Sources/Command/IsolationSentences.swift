import Glibc
import Isolation

/// Why there is no isolation.
func isolationSentence(_ error: IsolationError) -> String {
  switch error {
  case .unavailable(_, let reasons):
    // More than one is a report, which `slipway doctor` gives.
    reasons.count == 1 ? "\(error.summary). \(reasons[0])" : "\(error.summary) (`slipway doctor` says why)"
  case .userNotMappable(let uid):
    "user \(uid) does not exist in the user namespace of this build"
  case .groupNotMappable(let gid):
    "group \(gid) does not exist in the user namespace of this build"
  case .invalid(.nulByte): "a NUL byte stands in it, which no program can be given"
  case .invalid(let reason): "\(reason)"
  case .limits(let problem): "its limits cannot be kept: \(problem.summary)"
  default: error.summary
  }
}

/// What to do about it; nil where nothing is known.
func isolationHelp(_ error: IsolationError) -> String? {
  switch error {
  case .namespaces, .identityMap:
    "RUN needs user namespaces, which this system refuses: \(namespaceAdvice())"
  case .unavailable(.namespace, _): namespaceAdvice()
  case .limits(let problem): resourceHelp(problem)
  case .needsNamespaces(.sharedMemory):
    "leave --shm-size out, or allow namespaces; `slipway doctor` says more"
  case .setup(.limit, EPERM, _): "only root can raise a hard limit: ask --ulimit for less, or build as root"
  case .setup(.overlay, _, _): "--snapshotter diff builds without overlays"
  case .userNotMappable, .groupNotMappable:
    "without --isolation range an ordinary user has every user, and root has them outside of a container"
  case .fuseOverlay: fuseOverlayHelp(error)
  case .setup(.supervision, _, _):
    "build as root, or leave USER out before this RUN"
  default: nil
  }
}

/// What to do where user namespaces are refused.
func namespaceAdvice() -> String {
  let settings = IsolationMode.hostSettings()
  if !settings.isEmpty { return settings.joined(separator: " ") + " Change that, or build as root" }
  return
    "allow them (in a container: --security-opt seccomp=unconfined), or build as root; `slipway doctor` says more"
}
