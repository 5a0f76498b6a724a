import Glibc
import Testing

@testable import Isolation

/// What the kernel tells of programs for other architectures, read from folders as it fills them.
@Suite("Handlers of binfmt_misc")
struct BinaryHandlerTests {
  private static let arm64 = "7f454c460201010000000000000000000200b700"
  private static let looseMask = "ffffffffffffff00fffffffffffffffffeffffff"

  /// A file of the folder.
  private func entry(
    _ state: String = "enabled", interpreter: String = "/usr/bin/qemu", flags: String = "POCF",
    offset: Int = 0, magic: String = arm64, mask: String? = looseMask
  ) -> String {
    "\(state)\ninterpreter \(interpreter)\nflags: \(flags)\noffset \(offset)\nmagic \(magic)\n"
      + (mask.map { "mask \($0)\n" } ?? "")
  }

  /// What a folder with these files comes to.
  private func finding(
    _ entries: [String: String], for architecture: String = "arm64", status: String? = "enabled\n"
  ) throws -> BinaryHandlers.Finding {
    let sandbox = try Sandbox.Folder()
    if let status { try sandbox.write(status, to: "status") }
    try sandbox.write("", to: "register")
    for (name, content) in entries { try sandbox.write(content, to: name) }
    return BinaryHandlers.read(sandbox.path).finding(for: architecture)
  }

  @Test("One that is enabled and holds its interpreter open (F) works; without F the root has to have it")
  func works() throws {
    #expect(try finding(["qemu-aarch64": entry()]) == .works)
    #expect(try finding(["qemu-aarch64": entry(flags: "F")]) == .works)
    let needs = BinaryHandlers.Finding.needsInterpreter(Array("/usr/bin/qemu".utf8))
    #expect(try finding(["qemu-aarch64": entry(flags: "OC")]) == needs)
    #expect(try finding(["qemu-aarch64": entry(flags: "")]) == needs)
    // Two for one architecture: the better one counts.
    #expect(try finding(["a": entry(flags: "OC"), "b": entry("disabled"), "c": entry()]) == .works)
  }

  @Test("One that is switched off is told by its name, and so is a folder that is")
  func disabled() throws {
    #expect(try finding(["qemu-aarch64": entry("disabled")]) == .handlerDisabled("qemu-aarch64"))
    #expect(try finding(["qemu-aarch64": entry()], status: "disabled\n") == .allDisabled)
  }

  @Test("Without binfmt_misc nothing can be seen; without a handler there is none")
  func missing() throws {
    #expect(try finding([:], status: nil) == .unseen)
    #expect(BinaryHandlers.read("/nonexistent") == .unseen)
    #expect(try finding([:]) == BinaryHandlers.Finding.none)
    #expect(try finding(["qemu-aarch64": entry()], for: "riscv64") == BinaryHandlers.Finding.none)
    // Nobody here knows what its programs look like.
    #expect(try finding(["qemu-aarch64": entry()], for: "wasm") == .unseen)
  }

  @Test("Bytes are compared as the kernel does: from the offset on, and where the mask has ones")
  func magic() throws {
    let none = BinaryHandlers.Finding.none
    for (text, expected) in [
      (entry(magic: "7f454c460201010000000000000000000200b800"), none),
      (entry(magic: "7f454c460101010000000000000000000200b700"), none),
      // The loader's bytes, which the mask leaves out.
      (entry(magic: "7f454c46020101ff00000000000000000200b700"), .works),
      // Only programs with a place of their own.
      (entry(mask: nil), .works), (entry(mask: "ffffffffffffff00fffffffffffffffffffffffe"), .works),
      (entry(offset: 18, magic: "b700", mask: nil), .works),
      (entry(offset: 17, magic: "b700", mask: nil), none),
      (entry(offset: 18, magic: "b70001", mask: "ffff00"), .works),
      (entry(offset: 18, magic: "b7ff", mask: "ff00"), .works),
      (entry(offset: 255, magic: "00", mask: nil), .works),
      (entry(offset: 256, magic: "00", mask: nil), none),
      ("enabled\ninterpreter /usr/bin/x\nflags: F\nextension .arm64\n", none),
    ] {
      #expect(try finding(["handler": text]) == expected, "\(text)")
    }
  }

  @Test("What is no handler is passed over")
  func damaged() throws {
    let none = BinaryHandlers.Finding.none
    for text in [
      "", "enabled\n", "perhaps\ninterpreter /q\nmagic 7f\n", entry(interpreter: "relative"),
      entry(magic: ""),
      entry(magic: "7f4"), entry(magic: "zz"), entry(mask: "ff"), entry(mask: "zz"), entry(offset: -1),
    ] {
      #expect(try finding(["handler": text]) == none, "\(text)")
    }
  }

  // MARK: Programs

  /// The architectures whose smallest program is known, and how qemu calls them.
  private static let emulators = [
    ("386", "i386"), ("amd64", "x86_64"), ("arm", "arm"), ("arm64", "aarch64"), ("loong64", "loongarch64"),
    ("mips", "mips"), ("mipsle", "mipsel"), ("mips64", "mips64"), ("mips64le", "mips64el"),
    ("ppc64le", "ppc64le"), ("riscv64", "riscv64"), ("s390x", "s390x"),
  ]

  @Test("The header is that of real programs", .enabled(if: Sandbox.hasBusybox, "needs /bin/busybox"))
  func header() throws {
    #if arch(x86_64)
      let architecture = "amd64"
    #elseif arch(arm64)
      let architecture = "arm64"
    #else
      let architecture = "none"
    #endif
    guard let program = ELFProgram(architecture: architecture) else { return }
    let real = try #require(readHostFile("/bin/busybox", limit: 64))
    let start = program.header(isRelocatable: real[16] == 3)
    // The byte behind the version says which system's rules it keeps.
    #expect(Array(start[..<7]) == Array(real[..<7]))
    #expect(Array(start[16..<24]) == Array(real[16..<24]))
  }

  private static func path(of emulator: String) -> String { "/usr/bin/qemu-\(emulator)-static" }
  private static let installed = emulators.filter { unsafe access(path(of: $0.1), X_OK) == 0 }

  @Test(
    "The smallest program of an architecture ends with 0, as an emulator has it",
    .enabled(if: !installed.isEmpty, "needs qemu (Debian: qemu-user-static)"), arguments: installed.indices)
  func programs(_ index: Int) throws {
    let (architecture, name) = Self.installed[index]
    let program = try #require(ELFProgram(architecture: architecture))
    let sandbox = try Sandbox.Folder()
    try sandbox.write(program.bytes, to: "program")
    #expect(unsafe system("chmod 755 \(sandbox.path)/program") == 0)
    #expect(unsafe system("\(Self.path(of: name)) \(sandbox.path)/program") == 0)
  }
}

extension Sandbox {
  /// An empty folder, removed with its owner.
  final class Folder: Sendable {
    let path: String

    init() throws {
      var template = Array("/tmp/isolation-test-XXXXXX".utf8CString)
      let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
        unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
      }
      path = try #require(made)
    }

    deinit { _ = unsafe system("rm -rf \(path)") }

    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    func write(_ bytes: [UInt8], to name: String) throws {
      let descriptor = unsafe open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      try #require(descriptor >= 0, "\(name)")
      defer { _ = close(descriptor) }
      try #require(writeBytes(descriptor, bytes) == 0)
    }
  }
}
