import Glibc
import Synchronization
import Testing

@testable import Isolation

/// Everything that runs processes is one serial suite: descriptors, mounts and children of the test process are counted.
@Suite(
  "Running processes", .serialized,
  .enabled(if: Sandbox.hasBusybox, "needs /bin/busybox (Debian package busybox-static)"),
  .enabled(if: !Sandbox.namespaces.isEmpty, "this machine refuses user namespaces"))
struct Running {}

/// A temporary root with busybox in it, removed with its owner.
final class Sandbox: Sendable {
  static let hasBusybox = unsafe access("/bin/busybox", X_OK) == 0

  /// The arrangements to test: as an ordinary user has it, and as root has it if this is root.
  static let namespaces: [UserNamespace] = {
    let probe = IsolationProbe.current()
    var list: [UserNamespace] = []
    if probe.singleUserNamespace == .works { list.append(.single) }
    if let mapping = probe.subordinate, probe.rangeUserNamespace == .works { list.append(.ranges(mapping)) }
    if probe.privileged == .works { list.append(.none) }
    return list
  }()

  static let isRoot = geteuid() == 0

  let base: String
  let root: String

  init() throws {
    var template = Array("/tmp/isolation-test-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
    }
    base = try #require(made)
    root = base + "/root"
    let applets = [
      "sh", "true", "false", "cat", "ls", "ps", "id", "env", "sleep", "kill", "hostname", "mkdir", "touch",
      "stat", "head", "ip", "rm", "chmod", "chown", "mknod", "wc", "mount", "grep", "rmdir", "ln", "dd", "mv",
      "pwd", "readlink", "cut", "sort", "nc", "setsid", "unshare", "mkfifo", "start-stop-daemon", "chroot",
      "cp",
      "printf",
    ]
    let links = applets.map { "ln -s busybox \(root)/bin/\($0)" }.joined(separator: " && ")
    try shell(
      "umask 022 && mkdir -p \(root)/bin \(root)/etc \(root)/tmp && cp /bin/busybox \(root)/bin/ && \(links)")
  }

  deinit { _ = unsafe system("chmod -R u+rwx \(base); rm -rf \(base)") }

  /// Runs a command of the host that must succeed.
  func shell(_ text: String) throws {
    try #require(unsafe system(text) == 0, "\(text)")
  }

  func write(_ text: String, to path: String) throws {
    let descriptor = unsafe open(base + "/" + path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    try #require(descriptor >= 0, "\(path)")
    defer { _ = close(descriptor) }
    #expect(writeBytes(descriptor, Array(text.utf8)) == 0)
  }

  func read(_ path: String) -> String? {
    readHostFile(base + "/" + path, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
  }

  func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(base + "/" + path, &status) == 0
  }

  func status(_ path: String) throws -> stat {
    var status = stat()
    try #require(unsafe lstat(base + "/" + path, &status) == 0, "\(path)")
    return status
  }

  /// Gives a file or directory a time that nothing sets by accident.
  func age(_ path: String) throws {
    try shell("touch -d '2001-02-03 04:05:06.789012345 UTC' \(base)/\(path)")
  }

  func isAged(_ path: String) throws -> Bool {
    let time = try status(path).st_mtim
    return time.tv_sec == 981_173_106 && time.tv_nsec == 789_012_345
  }

  func spec(_ arguments: [String]) -> ProcessSpec {
    var spec = ProcessSpec(root: .directory(bytes(root)), arguments: arguments.map(bytes))
    spec.environment = [EnvironmentVariable(name: bytes("PATH"), value: bytes("/usr/bin:/bin"))]
    return spec
  }

  func script(_ text: String) -> ProcessSpec { spec(["/bin/sh", "-c", text]) }
}

/// What a process came to.
struct Outcome {
  var status: Isolation.ExitStatus
  var output: String
  var error: String
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Runs a specification and collects what it writes.
func outcome(
  _ spec: ProcessSpec, _ namespace: UserNamespace, cancellation: Cancellation? = nil
) throws -> Outcome {
  let collected = Mutex<(output: [UInt8], error: [UInt8])>(([], []))
  let executor = NamespaceExecutor(userNamespace: namespace)
  let status = try executor.run(spec, cancellation: cancellation) { chunk in
    collected.withLock { pair in
      switch chunk.stream {
      case .standardOutput: pair.output += chunk.bytes
      case .standardError: pair.error += chunk.bytes
      }
    }
  }
  return collected.withLock { pair in
    Outcome(
      status: status, output: String(decoding: pair.output, as: UTF8.self),
      error: String(decoding: pair.error, as: UTF8.self))
  }
}
