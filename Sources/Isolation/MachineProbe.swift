import CIsolation
import Glibc

/// What the kernel offers besides whole arrangements: for a report on a machine.
package enum MachineProbe {
  /// A kind of namespace (namespaces(7)).
  package enum Namespace: String, Sendable, CaseIterable {
    case user, mount, pid, ipc, uts, cgroup, network

    fileprivate var flag: UInt64 {
      switch self {
      case .user: isolation_clone_user
      case .mount: isolation_clone_mount
      case .pid: isolation_clone_pid
      case .ipc: isolation_clone_ipc
      case .uts: isolation_clone_uts
      case .cgroup: isolation_clone_cgroup
      case .network: isolation_clone_network
      }
    }
  }

  /// Tries a namespace of this kind in a child, inside a user namespace for all but the administrator. 0 or the errno.
  package static func attempt(_ namespace: Namespace) -> Int32 {
    -isolation_try_namespaces(namespace.flag | (isAdministrator ? 0 : isolation_clone_user))
  }

  /// Whether a process can let another one answer its system calls (seccomp_unotify(2)). 0 or the errno.
  package static func attemptNotification() -> Int32 { -isolation_try_notification() }

  /// Whether the kernel filters system calls (seccomp(2)). 0 or the errno.
  package static func filterSupport() -> Int32 { -isolation_filter_support() }

  /// The kernel's release as two numbers.
  package static let kernelVersion: (major: Int, minor: Int) = {
    var system = utsname()
    guard unsafe uname(&system) == 0 else { return (0, 0) }
    let release = unsafe withUnsafeBytes(of: &system.release) {
      unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
  }()

  /// Whether each pid namespace has its own kernel.pid_max. Before, there was one for the whole machine, which is not
  /// ours to change.
  static let limitsProcessesByNamespace = kernelVersion >= (6, 14)

  /// Whether this process has CAP_SYS_ADMIN.
  package static var isAdministrator: Bool { isolation_permitted_capabilities() >> 21 & 1 == 1 }

  /// What a folder's file system is and can do.
  package struct FileSystem: Sendable, Equatable {
    /// Its name, or its magic number in hexadecimal.
    package var name: String
    /// Whether two files can share their blocks.
    package var sharesBlocks: Bool
    /// Whether files can have user.* attributes.
    package var hasAttributes: Bool
  }

  /// Tries the file system of a folder with two files that are gone afterwards.
  package static func fileSystem(of folder: [UInt8]) throws(IsolationError) -> FileSystem {
    let magic = unsafe withCString(folder) { unsafe isolation_filesystem_type($0) }
    guard magic >= 0 else { throw .system(call: "statfs", errno: Int32(-magic)) }
    let files = [try temporaryFile(in: folder), try temporaryFile(in: folder)]
    defer { files.forEach { _ = close($0) } }
    _ = writeBytes(files[0], [UInt8](repeating: 1, count: 4096))
    let shares = isolation_clone_file(files[0], files[1]) == 0
    let hasAttributes = isolation_try_attribute(files[0]) == 0
    return FileSystem(
      name: names[UInt32(truncatingIfNeeded: magic)] ?? "0x" + String(magic, radix: 16),
      sharesBlocks: shares, hasAttributes: hasAttributes)
  }

  /// A file that has a name for a moment only.
  private static func temporaryFile(in folder: [UInt8]) throws(IsolationError) -> CInt {
    var template = folder + Array("/slipway-probe-XXXXXX".utf8) + [0]
    let raw = unsafe template.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return CInt(-1) }
      return unsafe mkstemp(base.assumingMemoryBound(to: CChar.self))
    }
    guard raw >= 0 else { throw .system(call: "mkstemp", errno: errno) }
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    template.removeLast()
    _ = unsafe withCString(template) { unsafe unlink($0) }
    return raw
  }

  /// f_type of statfs(2).
  private static let names: [UInt32: String] = [
    0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs", 0x0102_1994: "tmpfs", 0x794C_7630: "overlay",
    0x6969: "nfs", 0x2FC1_2FC1: "zfs", 0x6573_5546: "fuse", 0xF2F5_2010: "f2fs", 0xCA45_1A4E: "bcachefs",
    0x0102_1997: "9p", 0xFF53_4D42: "cifs", 0x8584_58F6: "ramfs",
  ]
}
