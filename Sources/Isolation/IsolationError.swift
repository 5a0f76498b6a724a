import Glibc

/// Why a process could not be run.
package enum IsolationError: Error, Equatable {
  /// The kind of isolation is not to be had here; each reason is a sentence.
  case unavailable(IsolationMode, reasons: [String])
  case invalid(InvalidSpec)
  /// The user namespace holds no such user: as an ordinary user without a range in /etc/subuid there is only
  /// user 0 inside.
  case userNotMappable(uid: UInt32)
  case groupNotMappable(gid: UInt32)
  /// The kernel refused the namespaces.
  case namespaces(errno: Int32)
  /// The identity maps could not be written; `helper` is the setuid program's path and wait status, if one was used.
  case identityMap(file: String, errno: Int32)
  case identityMapHelper(program: String, status: Int32)
  /// The file system of a folder does not let files be given to the identities of a range.
  case ownersRefused(folder: [UInt8], errno: Int32)
  /// The child stopped while preparing; `subject` is the path that was at hand, if one was.
  case setup(IsolationStage, errno: Int32, subject: [UInt8])
  /// A mount point could not be made in the root.
  case mountPoint(path: [UInt8], errno: Int32)
  /// A mount point could not be removed from the root, or its directory's times not be restored.
  case cleanup(path: [UInt8], errno: Int32)
  /// A process without namespaces cannot have this.
  case needsNamespaces(NamespaceNeed)
  /// A directory cannot be served by fuse-overlayfs.
  case fuseOverlay(FuseOverlayProblem)
  /// A limit on what the process may use cannot be kept.
  case limits(ControlGroupProblem)
  /// A system call failed that should not.
  case system(call: String, errno: Int32)
  case cancelled
}

/// What is wrong with a specification.
package enum InvalidSpec: Sendable, Equatable {
  case noArguments
  /// A text that goes to the kernel holds a NUL.
  case nulByte(in: [UInt8])
  case environmentName([UInt8])
  case relativePath([UInt8])
  /// A mount at `/`, `/dev`, `/proc`, `/sys`, or below the last two.
  case mountTarget([UInt8])
  case noLowerDirectories
}

/// What the child was doing when it stopped.
package enum IsolationStage: Int32, Sendable, Equatable, CaseIterable, CustomStringConvertible {
  case descriptors = 1
  case handshake, privateMounts, root, overlay, hostname, loopback, mount, pivot, workingDirectory
  case limit, groups, identity, capabilities, execute, terminal, keeper, filter, supervision, controlGroup

  /// What was being done, to follow "while" or "could not": an infinitive without "to".
  package var description: String {
    switch self {
    case .descriptors: "arrange the file descriptors"
    case .handshake: "wait for the parent process"
    case .privateMounts: "make the mounts private"
    case .root: "mount the root directory"
    case .overlay: "mount the overlay"
    case .hostname: "set the host name"
    case .loopback: "bring up the loopback interface"
    case .mount: "mount"
    case .pivot: "change the root"
    case .workingDirectory: "change to the working directory"
    case .limit: "set a resource limit"
    case .groups: "set the supplementary groups"
    case .identity: "change the user"
    case .capabilities: "drop capabilities"
    case .execute: "execute the command"
    case .terminal: "open a terminal"
    case .keeper: "start the process that watches the command"
    case .filter: "install the filter of system calls"
    case .supervision: "ask the kernel to pass on system calls (seccomp user notification, Linux 5.9)"
    case .controlGroup: "hide the other control groups"
    }
  }
}

extension IsolationError {
  /// What failed, in the words of a clause, for a report on the machine; not the message of a failed build.
  package var summary: String {
    switch self {
    case .unavailable(let mode, _): "isolation \(mode.rawValue) is not available"
    case .invalid: "the specification is invalid"
    case .userNotMappable(let uid): "user \(uid) does not exist in the user namespace"
    case .groupNotMappable(let gid): "group \(gid) does not exist in the user namespace"
    case .namespaces(let error): "the kernel refuses new namespaces (\(Self.text(error)))"
    case .identityMap(let file, let error): "cannot write \(file) (\(Self.text(error)))"
    case .identityMapHelper(let program, let status): "\(program) failed with status \(status >> 8)"
    case .ownersRefused(let folder, let error):
      "the file system of \(Self.text(folder)) does not take other owners (\(Self.text(error)))"
    case .setup(let stage, let error, let subject):
      "could not \(stage)" + (subject.isEmpty ? "" : " " + Self.text(subject)) + " (\(Self.text(error)))"
    case .mountPoint(let path, let error):
      "cannot make the mount point \(Self.text(path)) (\(Self.text(error)))"
    case .cleanup(let path, let error): "cannot clean up \(Self.text(path)) (\(Self.text(error)))"
    case .needsNamespaces(.network): "RUN --network=none needs namespaces, which are refused here"
    case .needsNamespaces(.terminal): "a shell on a terminal needs namespaces, which are refused here"
    case .needsNamespaces(.overlay): "an overlay needs namespaces, which are refused here"
    case .needsNamespaces(.mount(let path)):
      "the mount at \(Self.text(path)) needs namespaces, which are refused here"
    case .needsNamespaces(.sharedMemory): "--shm-size needs namespaces, which are refused here"
    case .fuseOverlay(let problem): problem.summary
    case .limits(let problem): problem.summary
    case .system(let call, let error): "\(call) failed (\(Self.text(error)))"
    case .cancelled: "cancelled"
    }
  }

  static func text(_ status: ExitStatus) -> String {
    switch status {
    case .exited(let code): "status \(code)"
    case .signaled(let number): "signal \(number)"
    case .notStarted(_, let error): text(error)
    }
  }

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  static func text(_ error: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard unsafe strerror_r(error, &buffer, buffer.count) == 0 else { return "errno \(error)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension FuseOverlayProblem {
  var summary: String {
    switch self {
    case .notInstalled: "fuse-overlayfs is not installed"
    case .device(let error): "cannot open /dev/fuse (\(IsolationError.text(error)))"
    case .mount(let error): "the kernel refuses to mount fuse-overlayfs (\(IsolationError.text(error)))"
    case .sharedMounts: "fuse-overlayfs needs a mount namespace of the builder's own"
    case .notStarted(let program, let error): "cannot start \(program) (\(IsolationError.text(error)))"
    case .ended(let status, let message):
      "fuse-overlayfs has ended before its time (\(IsolationError.text(status)))"
        + (message.isEmpty ? "" : ": " + IsolationError.text(message))
    case .colon(let path):
      "fuse-overlayfs cannot use a path with a colon, such as \(IsolationError.text(path))"
    case .unusable: "a file that was made on fuse-overlayfs has not arrived in its upper directory"
    }
  }
}
