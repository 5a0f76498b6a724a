import CLinux
import Glibc

/// What kind of object a name stands for.
package enum FileType: UInt8, Sendable, Hashable {
  case regular, directory, symbolicLink, fifo, socket, characterDevice, blockDevice

  /// The type in the format bits of a `st_mode`; `nil` for bits that name no type.
  package init?(mode: UInt32) {
    switch mode & 0o170000 {
    case 0o100000: self = .regular
    case 0o040000: self = .directory
    case 0o120000: self = .symbolicLink
    case 0o010000: self = .fifo
    case 0o140000: self = .socket
    case 0o020000: self = .characterDevice
    case 0o060000: self = .blockDevice
    default: return nil
    }
  }

  /// The format bits of a `st_mode`.
  package var modeBits: UInt32 {
    switch self {
    case .regular: 0o100000
    case .directory: 0o040000
    case .symbolicLink: 0o120000
    case .fifo: 0o010000
    case .socket: 0o140000
    case .characterDevice: 0o020000
    case .blockDevice: 0o060000
    }
  }

  package var isDevice: Bool { self == .characterDevice || self == .blockDevice }
}

/// A point in time: seconds since the epoch, which may be negative, and nanoseconds on top.
package struct Timestamp: Hashable, Comparable, Sendable {
  package var seconds: Int64
  package var nanoseconds: UInt32

  package init(seconds: Int64, nanoseconds: UInt32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  package static func < (a: Timestamp, b: Timestamp) -> Bool {
    (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
  }

  /// The clock that the kernel stamps inodes with.
  package static var coarseNow: Timestamp {
    var seconds: Int64 = 0
    var nanoseconds: UInt32 = 0
    unsafe slipway_coarse_now(&seconds, &nanoseconds)
    return Timestamp(seconds: seconds, nanoseconds: nanoseconds)
  }
}

/// User and group of an object.
package struct Owner: Hashable, Sendable {
  package var uid: UInt32
  package var gid: UInt32

  package init(uid: UInt32, gid: UInt32) {
    self.uid = uid
    self.gid = gid
  }

  package static let root = Owner(uid: 0, gid: 0)
}

/// A device number, split as tar headers and `mknod` split it.
package struct DeviceNumber: Hashable, Sendable {
  package var major: UInt32
  package var minor: UInt32

  package init(major: UInt32, minor: UInt32) {
    self.major = major
    self.minor = minor
  }

  package init(rdev: UInt64) {
    self.init(major: slipway_major(rdev), minor: slipway_minor(rdev))
  }

  /// The number as `st_rdev` holds it.
  package var rdev: UInt64 { slipway_makedev(major, minor) }
}

/// The metadata of one object, as statx(2) gives it.
package struct FileStatus: Hashable, Sendable {
  package var type: FileType
  /// Permission bits with set-id and sticky: `mode & 0o7777`.
  package var permissions: UInt32
  package var owner: Owner
  /// The device that a device node stands for; zero otherwise.
  package var rdev: UInt64
  /// Bytes of a regular file or of a link target.
  package var size: Int64
  package var modified: Timestamp
  package var changed: Timestamp
  package var device: UInt64
  package var inode: UInt64
  package var linkCount: UInt64
  /// 512-byte blocks in use; fewer than `size` asks for means that the file has holes.
  package var blocks: Int64

  package init(
    type: FileType, permissions: UInt32, owner: Owner = .root, rdev: UInt64 = 0, size: Int64 = 0,
    modified: Timestamp = Timestamp(seconds: 0), changed: Timestamp = Timestamp(seconds: 0),
    device: UInt64 = 0, inode: UInt64 = 0, linkCount: UInt64 = 1, blocks: Int64 = 0
  ) {
    self.type = type
    self.permissions = permissions
    self.owner = owner
    self.rdev = rdev
    self.size = size
    self.modified = modified
    self.changed = changed
    self.device = device
    self.inode = inode
    self.linkCount = linkCount
    self.blocks = blocks
  }

  init?(_ raw: slipway_status) {
    guard let type = FileType(mode: raw.mode) else { return nil }
    self.init(
      type: type, permissions: raw.mode & 0o7777, owner: Owner(uid: raw.uid, gid: raw.gid),
      rdev: type.isDevice ? raw.rdev : 0, size: raw.size,
      modified: Timestamp(seconds: raw.mtime_seconds, nanoseconds: raw.mtime_nanoseconds),
      changed: Timestamp(seconds: raw.ctime_seconds, nanoseconds: raw.ctime_nanoseconds),
      device: raw.dev, inode: raw.ino, linkCount: raw.nlink, blocks: raw.blocks)
  }

  package var isDirectory: Bool { type == .directory }
  package var isRegular: Bool { type == .regular }
}
