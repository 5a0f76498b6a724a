/// What programs of an architecture look like (System V ABI, "ELF Header"), and the smallest of them: it ends at once, with
/// status 0.
package struct ELFProgram: Sendable {
  private let is64: Bool
  private let isBigEndian: Bool
  private let machine: UInt16
  private let flags: UInt32
  /// The instructions of exit(0).
  private let code: [UInt8]

  /// - Parameter architecture: Go's name; nil for one that is not known here.
  package init?(architecture: String) {
    func make(_ is64: Bool, _ machine: UInt16, big: Bool = false, flags: UInt32 = 0, _ code: [UInt8]) -> Self
    {
      Self(is64: is64, isBigEndian: big, machine: machine, flags: flags, code: code)
    }
    switch architecture {
    // mov eax, 1; xor ebx, ebx; int 0x80
    case "386": self = make(false, 3, [0xB8, 1, 0, 0, 0, 0x31, 0xDB, 0xCD, 0x80])
    // mov eax, 60; xor edi, edi; syscall
    case "amd64": self = make(true, 62, [0xB8, 60, 0, 0, 0, 0x31, 0xFF, 0x0F, 0x05])
    // mov r0, #0; mov r7, #1; svc 0
    case "arm":
      self = make(
        false, 40, flags: 0x0500_0000, [0, 0, 0xA0, 0xE3, 1, 0x70, 0xA0, 0xE3, 0, 0, 0, 0xEF])
    // mov x0, #0; mov x8, #93; svc #0
    case "arm64": self = make(true, 183, [0, 0, 0x80, 0xD2, 0xA8, 0x0B, 0x80, 0xD2, 1, 0, 0, 0xD4])
    // addi.w a0, zero, 0; addi.w a7, zero, 93; syscall 0
    case "loong64":
      self = make(true, 258, flags: 0x43, [4, 0, 0x80, 2, 0x0B, 0x74, 0x81, 2, 0, 0, 0x2B, 0])
    // li v0, 4001; move a0, zero; syscall
    case "mips":
      self = make(
        false, 8, big: true, flags: 0x7000_1000,
        [0x24, 2, 0x0F, 0xA1, 0, 0, 0x20, 0x25, 0, 0, 0, 0x0C])
    case "mipsle":
      self = make(false, 8, flags: 0x7000_1000, [0xA1, 0x0F, 2, 0x24, 0x25, 0x20, 0, 0, 0x0C, 0, 0, 0])
    // li v0, 5058; move a0, zero; syscall
    case "mips64":
      self = make(
        true, 8, big: true, flags: 0x8000_0000,
        [0x24, 2, 0x13, 0xC2, 0, 0, 0x20, 0x25, 0, 0, 0, 0x0C])
    case "mips64le":
      self = make(true, 8, flags: 0x8000_0000, [0xC2, 0x13, 2, 0x24, 0x25, 0x20, 0, 0, 0x0C, 0, 0, 0])
    // li r3, 0; li r0, 1; sc
    case "ppc64le":
      self = make(true, 21, flags: 2, [0, 0, 0x60, 0x38, 1, 0, 0, 0x38, 2, 0, 0, 0x44])
    // li a0, 0; li a7, 93; ecall
    case "riscv64": self = make(true, 243, flags: 5, [0x13, 5, 0, 0, 0x93, 8, 0xD0, 5, 0x73, 0, 0, 0])
    // lghi %r2, 0; svc 1
    case "s390x": self = make(true, 22, big: true, [0xA7, 0x29, 0, 0, 0x0A, 1])
    default: return nil
    }
  }

  private init(is64: Bool, isBigEndian: Bool, machine: UInt16, flags: UInt32, code: [UInt8]) {
    self.is64 = is64
    self.isBigEndian = isBigEndian
    self.machine = machine
    self.flags = flags
    self.code = code
  }

  private static let address: UInt64 = 0x40_0000
  private var headerSize: Int { is64 ? 64 : 52 }
  private var segmentSize: Int { is64 ? 56 : 32 }

  private func number(_ value: UInt64, _ count: Int) -> [UInt8] {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    return isBigEndian ? bytes.reversed() : bytes
  }

  private func word(_ value: UInt64) -> [UInt8] { number(value, is64 ? 8 : 4) }

  /// The first bytes of a program.
  /// - Parameter isRelocatable: whether it can be loaded anywhere, as most programs of distributions.
  package func header(isRelocatable: Bool) -> [UInt8] {
    let identity: [UInt8] =
      [0x7F, 0x45, 0x4C, 0x46, is64 ? 2 : 1, isBigEndian ? 2 : 1, 1] + [UInt8](repeating: 0, count: 9)
    return identity + number(isRelocatable ? 3 : 2, 2) + number(UInt64(machine), 2) + number(1, 4)
      + word(Self.address + UInt64(headerSize + segmentSize)) + word(UInt64(headerSize)) + word(0)
      + number(UInt64(flags), 4) + number(UInt64(headerSize), 2) + number(UInt64(segmentSize), 2)
      + number(1, 2)
      + number(0, 6)
  }

  /// The whole of a program that ends with status 0.
  package var bytes: [UInt8] {
    let size = UInt64(headerSize + segmentSize + code.count)
    // Loaded as it is, to be read and executed, with pages of up to 64 KiB.
    let place = word(0) + word(Self.address) + word(Self.address) + word(size) + word(size)
    let segment =
      is64
      ? number(1, 4) + number(5, 4) + place + word(0x1_0000)
      : number(1, 4) + place + number(5, 4) + word(0x1_0000)
    return header(isRelocatable: false) + segment + code
  }
}
