import CIsolation
import Glibc

/// The mount points that had to be made in a root, so that they can be removed again without a trace: directories get
/// their modification times back unless the process changed them too.
///
/// Every path is resolved component by component inside the root; links are followed inside it.
final class RootStubs {
  /// A directory in which something was made.
  private final class Directory {
    let path: [[UInt8]]
    let descriptor: Descriptor
    /// Before anything was made in it, and after.
    let original: timespec
    var prepared: timespec

    init(path: [[UInt8]], descriptor: consuming Descriptor, time: timespec) {
      self.path = path
      self.descriptor = descriptor
      original = time
      prepared = time
    }
  }

  private struct Stub {
    var directory: Directory
    var name: [UInt8]
    var isDirectory: Bool
    var device: dev_t
    var inode: ino_t
  }

  private let root: Descriptor
  private let keepsKernelFolders: Bool
  private var directories: [Directory] = []
  private var stubs: [Stub] = []
  /// What a mount hides: nothing below it is made in the root.
  private var covered: [[[UInt8]]] = []

  /// `keepsKernelFolders` is that of ``ProcessSpec``.
  init(root: consuming Descriptor, keepsKernelFolders: Bool) {
    self.root = root
    self.keepsKernelFolders = keepsKernelFolders
  }

  /// Makes every mount point of the plan that is missing.
  func prepare(_ plan: MountPlan) throws(IsolationError) {
    for operation in plan.operations {
      let text = operation.target
      let place: [[UInt8]]
      switch operation.kind {
      case .mask, .readOnly, .symlink: continue
      case .bind, .filesystem, .content, .device:
        place = try prepare(text, isDirectory: operation.isDirectory)
      }
      try Self.check(place, for: text)
      covered.append(place)
    }
  }

  /// The kernel's own file systems stay where they belong, whatever links the image has.
  private static func check(_ place: [[UInt8]], for target: [UInt8]) throws(IsolationError) {
    let literal = target.split(separator: 0x2F).map(Array.init)
    if literal.count == 1, isKernelFolder(literal[0]), place != literal {
      throw .mountPoint(path: target, errno: ELOOP)
    }
  }

  private static func isKernelFolder(_ name: [UInt8]) -> Bool {
    ["proc", "sys", "dev"].contains { name.elementsEqual($0.utf8) }
  }

  /// Throws `.invalid(.mountTarget)` for a mount of the caller's where none may be.
  func checkUserMounts(_ mounts: [Mount]) throws(IsolationError) {
    for mount in mounts {
      let place = try prepare(mount.target, isDirectory: false, make: false)
      let top = place.first.map { String(decoding: $0, as: UTF8.self) }
      if place.isEmpty || top == "proc" || top == "sys" || (top == "dev" && place.count == 1) {
        throw .invalid(.mountTarget(mount.target))
      }
    }
  }

  private func prepare(
    _ target: [UInt8], isDirectory: Bool, make: Bool = true
  ) throws(IsolationError) -> [[UInt8]] {
    var pending = Array(Self.components(target).reversed())
    var resolved: [[UInt8]] = []
    var links = 0
    while let component = pending.popLast() {
      if component.elementsEqual("..".utf8) {
        _ = resolved.popLast()
        continue
      }
      let candidate = resolved + [component]
      if covered.contains(candidate) { return candidate + pending.reversed() }
      let raw = open(candidate, flags: isolation_open_path | UInt64(O_NOFOLLOW))
      if raw == -ENOENT {
        guard make else { return candidate + pending.reversed() }
        let directory = !pending.isEmpty || isDirectory
        try self.make(component, in: resolved, isDirectory: directory, for: target)
        resolved = candidate
        continue
      }
      guard raw >= 0 else { throw .mountPoint(path: target, errno: -raw) }
      let found = Descriptor(owning: raw)
      if let destination = Self.link(found.raw) {
        links += 1
        guard links <= 40, !destination.isEmpty else { throw .mountPoint(path: target, errno: ELOOP) }
        if destination.first == 0x2F { resolved = [] }
        pending += Self.components(destination).reversed()
      } else {
        resolved = candidate
      }
    }
    return resolved
  }

  private static func components(_ path: [UInt8]) -> [[UInt8]] {
    path.split(separator: 0x2F).filter { !$0.elementsEqual(".".utf8) }.map(Array.init)
  }

  /// Where a symbolic link points; `nil` for anything else.
  private static func link(_ descriptor: CInt) -> [UInt8]? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return nil }
    return unsafe [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      let length = unsafe base.withMemoryRebound(to: CChar.self, capacity: buffer.count) { text in
        unsafe readlinkat(descriptor, "", text, buffer.count)
      }
      count = max(0, length)
    }
  }

  /// Opens a path of components none of which is a link.
  private func open(_ path: [[UInt8]], flags: UInt64) -> CInt {
    let text = path.isEmpty ? [0x2E] : Array(path.joined(separator: [0x2F]))
    return unsafe withCString(text) { name in
      unsafe isolation_open_below(
        root.raw, name, flags,
        isolation_resolve_in_root | isolation_resolve_no_symlinks | isolation_resolve_no_magic_links)
    }
  }

  private func make(
    _ name: [UInt8], in parent: [[UInt8]], isDirectory: Bool, for target: [UInt8]
  ) throws(IsolationError) {
    let directory = try directory(parent, for: target)
    var error = Self.whileWritable(directory.descriptor.raw) {
      Self.create(name, in: directory.descriptor.raw, isDirectory: isDirectory)
    }
    var status = stat()
    if error == 0 { error = Self.status(name, in: directory.descriptor.raw, &status) }
    guard error == 0 else { throw .mountPoint(path: target, errno: error) }
    let stays = keepsKernelFolders && parent.isEmpty && isDirectory && Self.isKernelFolder(name)
    if !stays {
      stubs.append(
        Stub(
          directory: directory, name: name, isDirectory: isDirectory, device: status.st_dev,
          inode: status.st_ino))
    }
    guard unsafe fstat(directory.descriptor.raw, &status) == 0 else {
      throw .mountPoint(path: target, errno: errno)
    }
    directory.prepared = status.st_mtim
  }

  private func directory(_ path: [[UInt8]], for target: [UInt8]) throws(IsolationError) -> Directory {
    if let known = directories.first(where: { $0.path == path }) { return known }
    let raw = open(path, flags: isolation_open_path | UInt64(O_DIRECTORY))
    guard raw >= 0 else { throw .mountPoint(path: target, errno: -raw) }
    let descriptor = Descriptor(owning: raw)
    var status = stat()
    guard unsafe fstat(raw, &status) == 0 else { throw .mountPoint(path: target, errno: errno) }
    let directory = Directory(path: path, descriptor: descriptor, time: status.st_mtim)
    directories.append(directory)
    return directory
  }

  /// Removes what was made. Call it when nothing of the process is left. Everything is tried; the first failure is
  /// thrown at the end.
  func remove() throws(IsolationError) {
    var failure: IsolationError?
    let times = directories.map { directory in
      var status = stat()
      guard unsafe fstat(directory.descriptor.raw, &status) == 0 else { return directory.original }
      let now = status.st_mtim
      let isUntouched = now.tv_sec == directory.prepared.tv_sec && now.tv_nsec == directory.prepared.tv_nsec
      return isUntouched ? directory.original : now
    }
    for stub in stubs.reversed() {
      let error = Self.remove(stub)
      if error != 0, failure == nil { failure = .cleanup(path: stub.name, errno: error) }
    }
    for (directory, time) in zip(directories, times) {
      let error = Self.setModificationTime(directory.descriptor.raw, time)
      if error != 0, failure == nil {
        failure = .cleanup(path: Array(directory.path.joined(separator: [0x2F])), errno: error)
      }
    }
    stubs = []
    directories = []
    if let failure { throw failure }
  }

  private static func remove(_ stub: Stub) -> Int32 {
    let parent = stub.directory.descriptor.raw
    var status = stat()
    let found = Self.status(stub.name, in: parent, &status)
    // Gone, or replaced by something of the process's own.
    if found == ENOENT { return 0 }
    if found != 0 { return found }
    // On another device is what was mounted there: something still holds the process's mount namespace. The mount goes with
    // its mount point, which nobody inside could replace.
    guard status.st_dev != stub.device || status.st_ino == stub.inode else { return 0 }
    let error = whileWritable(parent) {
      unsafe withCString(stub.name) { name in
        unsafe unlinkat(parent, name, stub.isDirectory ? AT_REMOVEDIR : 0) == 0 ? 0 : errno
      }
    }
    // A directory that the process put something into belongs to the image now.
    return error == ENOTEMPTY || error == EEXIST ? 0 : error
  }

  private static func create(_ name: [UInt8], in parent: CInt, isDirectory: Bool) -> Int32 {
    unsafe withCString(name) { name in
      if isDirectory {
        guard unsafe mkdirat(parent, name, 0o755) == 0 else { return errno }
      } else {
        guard unsafe mknodat(parent, name, S_IFREG | 0o644, 0) == 0 else { return errno }
      }
      // Whatever the umask of the caller is.
      return unsafe fchmodat(parent, name, isDirectory ? 0o755 : 0o644, 0) == 0 ? 0 : errno
    }
  }

  private static func status(_ name: [UInt8], in parent: CInt, _ status: inout stat) -> Int32 {
    var found = stat()
    let error = unsafe withCString(name) { name in
      unsafe fstatat(parent, name, &found, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno
    }
    status = found
    return error
  }

  /// Lets an ordinary user change a directory of theirs that is not writable, as root could.
  private static func whileWritable(_ directory: CInt, _ action: () -> Int32) -> Int32 {
    let error = action()
    guard error == EACCES else { return error }
    var status = stat()
    guard unsafe fstat(directory, &status) == 0 else { return error }
    // The descriptor is O_PATH, which fchmod(2) does not take.
    let path = "/proc/self/fd/\(directory)"
    guard status.st_mode & 0o300 != 0o300, unsafe chmod(path, status.st_mode & 0o7777 | 0o700) == 0 else {
      return error
    }
    let second = action()
    guard unsafe chmod(path, status.st_mode & 0o7777) == 0 else { return errno }
    return second
  }

  private static func setModificationTime(_ directory: CInt, _ time: timespec) -> Int32 {
    var status = stat()
    // A directory that is gone needs no time.
    guard unsafe fstat(directory, &status) == 0, status.st_nlink > 0 else { return 0 }
    if status.st_mtim.tv_sec == time.tv_sec, status.st_mtim.tv_nsec == time.tv_nsec { return 0 }
    // UTIME_OMIT for the access time.
    let times = [timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2), time]
    return unsafe utimensat(directory, "", times, isolation_empty_path) == 0 ? 0 : errno
  }
}
