import CIsolation
import Glibc
import Synchronization

/// Why a step cannot have fuse-overlayfs.
package enum FuseOverlayProblem: Sendable, Equatable {
  /// The program is in none of its usual places.
  case notInstalled
  /// /dev/fuse cannot be opened.
  case device(errno: Int32)
  /// The kernel refuses to mount it.
  case mount(errno: Int32)
  /// The process shares its mounts with the rest of the machine.
  case sharedMounts
  /// The program cannot be executed, or not with a filter of its system calls.
  case notStarted(program: String, errno: Int32)
  /// The program has ended before its mount: its status, and the last line that it has written.
  case ended(ExitStatus, message: [UInt8])
  /// A path has a colon, which separates directories for the program.
  case colon(in: [UInt8])
  /// An overlay of it does not do what it should here.
  case unusable
}

/// A directory that fuse-overlayfs serves: a lower one, with its changes in an upper one.
///
/// The builder mounts, in a mount namespace of its own, and answers the calls with which the program would do something else than
/// an overlay of the kernel; see docs/decisions/0023. The program dies with the thread that has made this object.
package final class FuseOverlayMount: Sendable {
  /// The directories of an overlay, as absolute paths of the host without a colon.
  package struct Folders: Sendable, Equatable {
    package var lower: [UInt8]
    package var upper: [UInt8]
    /// Empty, and in the same file system as `upper`.
    package var work: [UInt8]

    package init(lower: [UInt8], upper: [UInt8], work: [UInt8]) {
      self.lower = lower
      self.upper = upper
      self.work = work
    }
  }

  /// Where the program is: its usual places, never the caller's PATH; nil if it is not installed.
  package static var program: String? { IdentityMapWriter.helper("fuse-overlayfs") }

  /// A path of the mount's root for this process, where the mount is nowhere else.
  package let root: [UInt8]?
  private let target: [UInt8]?
  private let pidfd: Descriptor
  private let errors: Descriptor
  private let server: pthread_t
  private let mount: Mutex<Descriptor?>
  private let isOver = Mutex(false)

  /// - Parameter target: a folder to mount at; without one, only `root` reaches the files.
  package init(_ folders: Folders, at target: [UInt8]?) throws(IsolationError) {
    guard let program = Self.program else { throw .fuseOverlay(.notInstalled) }
    for path in [folders.lower, folders.upper, folders.work] where path.contains(0x3A) {
      throw .fuseOverlay(.colon(in: path))
    }
    let raw = isolation_open_fuse()
    guard raw >= 0 else { throw .fuseOverlay(.device(errno: -raw)) }
    let device = Descriptor(owning: raw)
    let upper = try Self.open(folders.upper)
    let lower = try Self.open(folders.lower)
    let mounted = isolation_mount_fuse(device.raw)
    guard mounted >= 0 else { throw .fuseOverlay(.mount(errno: -mounted)) }
    let mount = Descriptor(owning: mounted)
    var socket = try Pipe(isSocket: true)
    var output = try Pipe()
    guard fcntl(output.readerDescriptor, F_SETFL, O_NONBLOCK) == 0,
      // Whatever the program has to say, it never waits for somebody to read it.
      fcntl(output.writerDescriptor, F_SETFL, O_NONBLOCK) == 0
    else { throw .system(call: "fcntl", errno: errno) }
    let child = try Self.start(program, folders, device.raw, output.writerDescriptor, socket.writerDescriptor)
    socket.writer = nil
    output.writer = nil
    // From here on the program alone holds the device: if it ends, nobody waits for it.
    _ = consume device
    var process = Process(pidfd: child)
    let listener = isolation_receive_fuse(socket.readerDescriptor)
    guard listener >= 0 else { throw .fuseOverlay(.notStarted(program: program, errno: -listener)) }
    let thread = try Self.serve(Descriptor(owning: listener), upper: upper, lower: lower)
    if let target {
      let answer = unsafe withCString(target) { unsafe isolation_attach_fuse(mount.raw, $0) }
      guard answer == 0 else {
        process.end()
        pthread_join(thread, nil)
        throw .fuseOverlay(.mount(errno: -answer))
      }
      root = nil
      self.mount = Mutex(nil)
    } else {
      root = Array("/proc/self/fd/\(mount.raw)".utf8)
      self.mount = Mutex(consume mount)
    }
    guard let errors = output.reader.take() else { throw .system(call: "pipe2", errno: EBADF) }
    self.target = target
    self.errors = errors
    pidfd = process.release()
    server = thread
  }

  deinit {
    // Nobody waits for the files any more: the build has been cancelled, or has failed.
    guard !isOver.withLock({ $0 }) else { return }
    _ = finish()
  }

  /// Takes the mount off and waits for the program's end. Everything is in the upper directory then.
  ///
  /// Throws `.fuseOverlay(.ended)` if the program has ended otherwise than by that: then something may be missing.
  package func end() throws(IsolationError) {
    let isFirst = isOver.withLock { isOver in
      defer { isOver = true }
      return !isOver
    }
    guard isFirst else { return }
    let hasEnded = isolation_wait_readable(pidfd.raw, 0) == 1
    let status = finish()
    if hasEnded { throw .fuseOverlay(.ended(status, message: message())) }
  }

  /// Kills the program and waits for its end, for tests of what happens then.
  func kill() {
    _ = isolation_kill(pidfd.raw)
    _ = isolation_wait_readable(pidfd.raw, -1)
  }

  private func finish() -> ExitStatus {
    if let target { _ = unsafe withCString(target) { unsafe isolation_unmount_fuse($0) } }
    mount.withLock { $0 = nil }
    // All that a command has done was answered, and is done. Another mount namespace may still hold the mount, and then the program
    // would wait for more.
    _ = isolation_kill(pidfd.raw)
    let status = Self.wait(pidfd.raw)
    pthread_join(server, nil)
    return status
  }

  private static func wait(_ pidfd: CInt) -> ExitStatus {
    var exited: CInt = 0
    var value: CInt = 0
    let answer = unsafe isolation_wait(pidfd, &exited, &value)
    guard answer == 0 else { return .notStarted(code: 126, errno: -answer) }
    return exited != 0 ? .exited(value) : .signaled(value)
  }

  /// The last line that the program has written.
  private func message() -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < 65536, let piece = try? readBytes(errors.raw, limit: 4096),
      case .bytes(let more) = piece
    {
      bytes += more
    }
    // What it says of options that it gives itself.
    let noise = Array("unknown argument ignored".utf8)
    return bytes.split(separator: 0x0A).last { !$0.starts(with: noise) }.map { Array($0.prefix(400)) } ?? []
  }

  // MARK: The start

  private static func open(_ path: [UInt8]) throws(IsolationError) -> Descriptor {
    let raw = openHost(path, CInt(isolation_open_path) | O_DIRECTORY)
    guard raw >= 0 else { throw .setup(.root, errno: -raw, subject: path) }
    return Descriptor(owning: raw)
  }

  /// `threaded=0`: one call after the other, so that nothing happens while one of them is answered here. `writeback=0`: what a
  /// command has written is in the upper directory, with its time, when the command goes on.
  private static func start(
    _ program: String, _ folders: Folders, _ device: CInt, _ error: CInt, _ socket: CInt
  ) throws(IsolationError) -> CInt {
    var options = Array("threaded=0,writeback=0,volatile".utf8)
    let parts = [("lowerdir", folders.lower), ("upperdir", folders.upper), ("workdir", folders.work)]
    for (name, path) in parts {
      options += Array(",\(name)=".utf8)
      // A comma ends an option unless a backslash stands before it.
      options += path.flatMap { $0 == 0x2C || $0 == 0x5C ? [0x5C, $0] : [$0] }
    }
    var memory = NativeMemory()
    let words = [program, "-f", "-o"].map { Array($0.utf8) } + [options, Array("/dev/fd/3".utf8)]
    let arguments = unsafe memory.strings(words)
    var pidfd: CInt = -1
    let pid = unsafe isolation_start_fuse(arguments, device, error, socket, &pidfd)
    guard pid > 0 else { throw .fuseOverlay(.notStarted(program: program, errno: -pid)) }
    return pidfd
  }

  private static func serve(
    _ listener: consuming Descriptor, upper: consuming Descriptor, lower: consuming Descriptor
  ) throws(IsolationError) -> pthread_t {
    let work = ServerThread(listener: listener, upper: upper, lower: lower)
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(work).toOpaque()
    let error = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<ServerThread>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    guard error == 0 else {
      unsafe Unmanaged<ServerThread>.fromOpaque(context).release()
      throw .system(call: "pthread_create", errno: error)
    }
    return thread
  }

  /// The program until it is somebody's.
  private struct Process: ~Copyable {
    private let pidfd: CInt
    private var isOwned = true

    init(pidfd: CInt) { self.pidfd = pidfd }

    mutating func end() {
      guard isOwned else { return }
      isOwned = false
      _ = isolation_kill(pidfd)
      _ = FuseOverlayMount.wait(pidfd)
      _ = close(pidfd)
    }

    mutating func release() -> Descriptor {
      isOwned = false
      return Descriptor(owning: pidfd)
    }

    deinit {
      guard isOwned else { return }
      _ = isolation_kill(pidfd)
      _ = FuseOverlayMount.wait(pidfd)
      _ = close(pidfd)
    }
  }
}

/// What the thread holds that answers the program's calls.
private final class ServerThread: Sendable {
  private let listener: Descriptor
  private let upper: Descriptor
  private let lower: Descriptor

  init(listener: consuming Descriptor, upper: consuming Descriptor, lower: consuming Descriptor) {
    self.listener = listener
    self.upper = upper
    self.lower = lower
  }

  func run() { isolation_serve_fuse(listener.raw, upper.raw, lower.raw) }
}

extension FuseOverlayMount {
  /// Tries one in a folder, where things are made and removed.
  package static func attempt(in scratch: [UInt8]) -> IsolationProbe.Finding {
    do throws(IsolationError) {
      let names = ["lower", "upper", "work", "merged"].map { scratch + Array("/\($0)".utf8) }
      for name in names {
        guard unsafe withCString(name, { unsafe mkdir($0, 0o755) }) == 0 else {
          throw .system(call: "mkdir", errno: errno)
        }
      }
      let mount = try FuseOverlayMount(
        Folders(lower: names[0], upper: names[1], work: names[2]), at: names[3])
      let made = unsafe withCString(names[3] + Array("/made".utf8)) { unsafe mkdir($0, 0o755) }
      try mount.end()
      let found = unsafe withCString(names[1] + Array("/made".utf8)) { unsafe access($0, F_OK) }
      return made == 0 && found == 0 ? .works : .fails(.fuseOverlay(.unusable))
    } catch {
      return .fails(error)
    }
  }
}

/// The mounts of this process.
package enum MountNamespace {
  private static let isOwnBox = Mutex(false)

  /// Whether `makeOwn` has been called.
  package static var isOwn: Bool { isOwnBox.withLock { $0 } }

  /// Leaves the mount namespace of the machine: what is mounted from here on is seen by this process and its children, and
  /// goes with them. Needs real root, and must be called before the process has a second thread.
  package static func makeOwn() throws(IsolationError) {
    let answer = isolation_own_mounts()
    guard answer == 0 else { throw .namespaces(errno: -answer) }
    isOwnBox.withLock { $0 = true }
  }
}

/// The directories whose files a step sees through another file system.
package struct BackingFolders: Sendable, Equatable {
  package var upper: [UInt8]
  package var lower: [UInt8]

  package init(upper: [UInt8], lower: [UInt8]) {
    self.upper = upper
    self.lower = lower
  }
}
