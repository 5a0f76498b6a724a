import CIsolation
import Glibc

/// What a command finds at fixed places of a root in which nothing can be mounted: /dev, /etc/hosts and
/// /etc/resolv.conf. They are made, and what the image has there is kept beside the root and put back afterwards, so that
/// neither ends up in a layer.
///
/// No link of the image is followed out of the root.
final class ChrootFolders {
  /// A folder whose times are to be as if nothing had been made in it.
  private final class Place {
    let folder: Descriptor
    let original: timespec
    /// When everything was made.
    var prepared: timespec

    init(_ folder: consuming Descriptor, _ time: timespec) {
      self.folder = folder
      original = time
      prepared = time
    }
  }

  private let root: [UInt8]
  private let keepsKernelFolders: Bool
  private let aside: Descriptor
  private let asidePath: [UInt8]
  private let top: Place
  private var configuration: Place?
  private var isConfigurationMade = false
  private var stubs: [String] = []
  /// What lies in `aside`, by its name there.
  private var kept: Set<String> = []
  /// The configuration files that were made.
  private var made: [String] = []
  private var hasDevices = false

  /// Devices of the kernel (Documentation/admin-guide/devices.txt).
  private static let devices: [(name: String, major: UInt32, minor: UInt32)] = [
    ("full", 1, 7), ("null", 1, 3), ("random", 1, 8), ("tty", 5, 0), ("urandom", 1, 9), ("zero", 1, 5),
  ]

  /// - Parameter root: of the host; the folder that holds it has to be writable.
  init(root: [UInt8], keepsKernelFolders: Bool) throws(IsolationError) {
    self.root = root
    self.keepsKernelFolders = keepsKernelFolders
    let raw = openHost(root, O_RDONLY | O_DIRECTORY)
    guard raw >= 0 else { throw .setup(.root, errno: -raw, subject: root) }
    let folder = Descriptor(owning: raw)
    let time = try Self.time(folder.raw, root)
    top = Place(folder, time)
    var template = root + Array(".aside-XXXXXX".utf8) + [0]
    let isMade = unsafe template.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return false }
      return unsafe mkdtemp(base.assumingMemoryBound(to: CChar.self)) != nil
    }
    guard isMade else { throw .mountPoint(path: root, errno: errno) }
    template.removeLast()
    asidePath = template
    let beside = openHost(template, O_RDONLY | O_DIRECTORY)
    guard beside >= 0 else { throw .mountPoint(path: template, errno: -beside) }
    aside = Descriptor(owning: beside)
  }

  /// Makes the folders and files.
  func prepare(hosts: [UInt8]?, resolver: [UInt8]?) throws(IsolationError) {
    for name in ["proc", "sys"] {
      let error = Self.makeFolder(name, in: top.folder.raw)
      if error == 0, !keepsKernelFolders { stubs.append(name) }
      guard error == 0 || error == EEXIST else {
        throw .mountPoint(path: Self.bytes("/" + name), errno: error)
      }
    }
    try makeDevices()
    guard hosts != nil || resolver != nil else { return }
    let folder = try openConfiguration()
    let time = try Self.time(folder.raw, Self.bytes("/etc"))
    // A folder that was made just now has no time worth keeping.
    configuration = Place(folder, time)
    if let hosts { try write(hosts, "hosts") }
    if let resolver { try write(resolver, "resolv.conf") }
  }

  /// Whether a mount can be had as a copy.
  static func canAdd(_ mount: Mount) -> Bool {
    guard case .bind(let source, writable: false) = mount.kind else { return false }
    return source.base == nil && source.isDirectory && mount.target == bytes("/dev/pipes")
  }

  /// Copies the files of a folder of the host into one below /dev.
  func add(_ mount: Mount) throws(IsolationError) {
    guard case .bind(let source, _) = mount.kind, Self.canAdd(mount) else {
      throw .needsNamespaces(.mount(mount.target))
    }
    let raw = open("dev", O_RDONLY | O_DIRECTORY)
    guard raw >= 0 else { throw .mountPoint(path: mount.target, errno: -raw) }
    let devices = Descriptor(owning: raw)
    let error = Self.copyFiles(of: source.path, to: "pipes", in: devices.raw)
    guard error == 0 else { throw .mountPoint(path: mount.target, errno: error) }
  }

  /// Marks the end of the preparations: what changes from here on is the command's.
  func seal() {
    for place in [top, configuration].compactMap(\.self) {
      // A folder whose time cannot be read keeps the one that it gets.
      if let time = try? Self.time(place.folder.raw, root) { place.prepared = time }
    }
  }

  /// Puts everything back. Call it when nothing of the command is left. Everything is tried; the first failure is thrown
  /// at the end.
  func restore() throws(IsolationError) {
    var failure: IsolationError?
    func note(_ error: Int32, _ path: String) {
      if error != 0, error != ENOENT, failure == nil {
        failure = .cleanup(path: Self.bytes(path), errno: error)
      }
    }
    let topTime = Self.timeToRestore(top.folder.raw, top.original, top.prepared)
    if hasDevices {
      note(-Self.removeTree("dev", in: top.folder.raw), "/dev")
      if kept.contains("dev") {
        note(Self.move("dev", from: aside.raw, to: top.folder.raw), "/dev")
      } else if keepsKernelFolders {
        note(Self.makeFolder("dev", in: top.folder.raw), "/dev")
      }
    }
    for name in stubs {
      let error = unsafe unlinkat(top.folder.raw, name, AT_REMOVEDIR) == 0 ? 0 : errno
      // A folder that the command put something into belongs to the image now.
      if error != ENOTEMPTY { note(error, "/" + name) }
    }
    if let place = configuration {
      let folder = place.folder.raw
      let time = Self.timeToRestore(folder, place.original, place.prepared)
      for name in made {
        note(-Self.removeTree(name, in: folder), "/etc/" + name)
        if kept.contains(name) { note(Self.move(name, from: aside.raw, to: folder), "/etc/" + name) }
      }
      note(Self.setTime(folder, time), "/etc")
      if isConfigurationMade {
        let error = unsafe unlinkat(top.folder.raw, "etc", AT_REMOVEDIR) == 0 ? 0 : errno
        if error != ENOTEMPTY { note(error, "/etc") }
      }
    }
    note(Self.setTime(top.folder.raw, topTime), "/")
    note(unsafe withCString(asidePath) { unsafe rmdir($0) == 0 ? 0 : errno }, "/")
    if let failure { throw failure }
  }

  // MARK: Making

  private func makeDevices() throws(IsolationError) {
    try keep("dev", of: top.folder.raw, path: "/dev")
    hasDevices = true
    var error = Self.makeFolder("dev", in: top.folder.raw)
    guard error == 0 else { throw .mountPoint(path: Self.bytes("/dev"), errno: error) }
    let raw = open("dev", O_RDONLY | O_DIRECTORY)
    guard raw >= 0 else { throw .mountPoint(path: Self.bytes("/dev"), errno: -raw) }
    let folder = Descriptor(owning: raw)
    for device in Self.devices {
      let number = dev_t(device.major) << 8 | dev_t(device.minor)
      if unsafe mknodat(folder.raw, device.name, S_IFCHR | 0o666, number) != 0
        || fchmodat(folder.raw, device.name, 0o666, 0) != 0
      {
        throw .mountPoint(path: Self.bytes("/dev/" + device.name), errno: errno)
      }
    }
    // On a file system that has devices switched off they can be made, and not be opened.
    let null = unsafe openat(folder.raw, "null", O_WRONLY | O_CLOEXEC)
    guard null >= 0 else { throw .mountPoint(path: Self.bytes("/dev/null"), errno: errno) }
    close(null)
    for (name, destination) in MountPlan.deviceLinks where name != "ptmx" {
      guard unsafe symlinkat(destination, folder.raw, name) == 0 else {
        throw .mountPoint(path: Self.bytes("/dev/" + name), errno: errno)
      }
    }
    error = Self.makeFolder("shm", in: folder.raw)
    if error == 0, unsafe fchmodat(folder.raw, "shm", 0o1777, 0) != 0 { error = errno }
    guard error == 0 else { throw .mountPoint(path: Self.bytes("/dev/shm"), errno: error) }
  }

  private func openConfiguration() throws(IsolationError) -> Descriptor {
    var raw = open("etc", O_RDONLY | O_DIRECTORY)
    if raw == -ENOENT {
      let error = Self.makeFolder("etc", in: top.folder.raw)
      guard error == 0 else { throw .mountPoint(path: Self.bytes("/etc"), errno: error) }
      isConfigurationMade = true
      raw = open("etc", O_RDONLY | O_DIRECTORY)
    }
    guard raw >= 0 else { throw .mountPoint(path: Self.bytes("/etc"), errno: -raw) }
    return Descriptor(owning: raw)
  }

  private func write(_ content: [UInt8], _ name: String) throws(IsolationError) {
    guard let folder = configuration?.folder.raw else { return }
    try keep(name, of: folder, path: "/etc/" + name)
    made.append(name)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let raw = unsafe openat(folder, name, flags, 0o644)
    guard raw >= 0 else { throw .mountPoint(path: Self.bytes("/etc/" + name), errno: errno) }
    let file = Descriptor(owning: raw)
    var error = writeBytes(file.raw, content)
    if error == 0, fchmod(file.raw, 0o644) != 0 { error = errno }
    guard error == 0 else { throw .mountPoint(path: Self.bytes("/etc/" + name), errno: error) }
  }

  /// Moves what the image has beside the root.
  private func keep(_ name: String, of folder: CInt, path: String) throws(IsolationError) {
    let error = Self.move(name, from: folder, to: aside.raw)
    if error == 0 { kept.insert(name) }
    guard error == 0 || error == ENOENT else { throw .mountPoint(path: Self.bytes(path), errno: error) }
  }

  /// Opens a path of the root; links stay inside it.
  private func open(_ path: String, _ flags: CInt) -> CInt {
    unsafe withCString(Self.bytes(path)) { name in
      unsafe isolation_open_below(
        top.folder.raw, name, UInt64(flags), isolation_resolve_in_root | isolation_resolve_no_magic_links)
    }
  }

  // MARK: System calls; each answers 0 or the errno

  private static func makeFolder(_ name: String, in folder: CInt) -> Int32 {
    guard unsafe mkdirat(folder, name, 0o755) == 0 else { return errno }
    // Whatever the umask of the caller is.
    return unsafe fchmodat(folder, name, 0o755, 0) == 0 ? 0 : errno
  }

  private static func move(_ name: String, from: CInt, to: CInt) -> Int32 {
    unsafe renameat(from, name, to, name) == 0 ? 0 : errno
  }

  private static func removeTree(_ name: String, in folder: CInt) -> Int32 {
    unsafe withCString(bytes(name)) { unsafe isolation_remove_tree(folder, $0) }
  }

  private static func copyFiles(of source: [UInt8], to name: String, in folder: CInt) -> Int32 {
    let error = makeFolder(name, in: folder)
    guard error == 0 else { return error }
    let target = unsafe openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard target >= 0 else { return errno }
    let owned = Descriptor(owning: target)
    guard let stream = unsafe withCString(source, { unsafe opendir($0) }) else { return errno }
    defer { unsafe closedir(stream) }
    while let entry = unsafe readdir(stream) {
      let file = unsafe withUnsafeBytes(of: entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if file == [0x2E] || file == [0x2E, 0x2E] { continue }
      let path = source + [0x2F] + file
      guard let content = readHostFile(path, limit: 1 << 30) else { return EIO }
      let raw = unsafe withCString(file) {
        unsafe openat(owned.raw, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o755)
      }
      guard raw >= 0 else { return errno }
      let copy = Descriptor(owning: raw)
      let written = writeBytes(copy.raw, content)
      if written != 0 { return written }
      if fchmod(copy.raw, 0o755) != 0 { return errno }
    }
    return 0
  }

  private static func time(_ folder: CInt, _ path: [UInt8]) throws(IsolationError) -> timespec {
    var status = stat()
    guard unsafe fstat(folder, &status) == 0 else { throw .mountPoint(path: path, errno: errno) }
    return status.st_mtim
  }

  /// The time from before, unless the command has changed the folder.
  private static func timeToRestore(_ folder: CInt, _ original: timespec, _ prepared: timespec) -> timespec {
    var status = stat()
    guard unsafe fstat(folder, &status) == 0 else { return original }
    let now = status.st_mtim
    return now.tv_sec == prepared.tv_sec && now.tv_nsec == prepared.tv_nsec ? original : now
  }

  private static func setTime(_ folder: CInt, _ time: timespec) -> Int32 {
    // UTIME_OMIT for the access time.
    let times = [timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2), time]
    return unsafe futimens(folder, times) == 0 ? 0 : errno
  }

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}
