import CIsolation

/// The filter of system calls that docker gives containers (seccomp(2)), as a program of classic BPF.
///
/// What is not allowed fails with EPERM. A call with a number above all that the profile knows fails with ENOSYS, as runc
/// has it: a C library then tries an older call. The numbers are searched in a tree, so that no call has far to go; the
/// kernel remembers besides which ones are always allowed.
struct SystemCallFilter {
  /// One instruction, `struct sock_filter`: `yes` and `no` count what a jump leaves out.
  struct Instruction: Equatable {
    var code: UInt16
    var yes: UInt8 = 0
    var no: UInt8 = 0
    var value: UInt32
  }

  /// Which numbers a call has; the column of `SystemCallTable`, and AUDIT_ARCH_* of linux/audit.h.
  enum Architecture: Int, CaseIterable {
    case amd64, i386, arm64, arm

    var mark: UInt32 {
      switch self {
      case .amd64: 0xC000_003E
      case .i386: 0x4000_0003
      case .arm64: 0xC000_00B7
      case .arm: 0x4000_0028
      }
    }

    /// Those of programs that this machine's kernel executes.
    static var native: [Architecture] {
      #if arch(arm64)
        [.arm64, .arm]
      #else
        [.amd64, .i386]
      #endif
    }
  }

  /// What becomes of a call.
  enum Verdict: Equatable {
    case allow
    case refuse(UInt16)
    /// Allowed if the first argument has none of these bits.
    case allowWithout(bits: UInt32)
    /// Allowed if the first argument is, or is not, one of these.
    case allowIf([UInt32])
    case allowUnless([UInt32])
  }

  static let denied: UInt16 = 1  // EPERM
  static let unknown: UInt16 = 38  // ENOSYS

  /// The calls with a verdict of their own.
  private static let special: [String: Verdict] = [
    // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
    "clone": .allowWithout(bits: 0x7E02_0000),
    // Its flags are in memory, where no filter sees them; C libraries then use clone.
    "clone3": .refuse(unknown),
    // AF_ALG and AF_VSOCK. The kernel reads 32 bits of the argument.
    "socket": .allowUnless([38, 40]),
    // PER_LINUX, PER_LINUX32, each also with UNAME26; and the question for the current one.
    "personality": .allowIf([0, 8, 0x20000, 0x20008, 0xFFFF_FFFF]),
  ]

  /// The program for programs of some architectures.
  static func program(for architectures: [Architecture] = Architecture.native) -> [Instruction] {
    var program = [load(4)]
    for architecture in architectures {
      let body = [load(0)] + tree(ranges(of: architecture)[...])
      // The next architecture begins behind the body.
      program += [
        Instruction(code: Code.jumpIfEqual, yes: 1, no: 0, value: architecture.mark),
        Instruction(code: Code.jump, value: UInt32(body.count)),
      ]
      program += body
    }
    // SECCOMP_RET_KILL_PROCESS: no program of this machine gets here.
    program.append(Instruction(code: Code.answer, value: 0x8000_0000))
    return program
  }

  /// Numbers from `first` on have the verdict, up to the next range.
  struct Range: Equatable {
    var first: UInt32
    var verdict: Verdict
  }

  /// All numbers, in order; neighbours differ.
  static func ranges(of architecture: Architecture) -> [Range] {
    var verdicts: [UInt32: Verdict] = [:]
    for word in SystemCallTable.allowed.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      let parts = word.split(separator: ":")
      let columns = parts[1].split(separator: ",")
      guard let number = UInt32(columns[architecture.rawValue]) else { continue }
      verdicts[number] = special[String(parts[0])] ?? .allow
    }
    // ARM has some private calls far above the others.
    let last = verdicts.keys.filter { $0 < 0xF0000 }.max() ?? 0
    var ranges: [Range] = []
    func add(_ first: UInt32, _ verdict: Verdict) {
      if ranges.last?.verdict != verdict { ranges.append(Range(first: first, verdict: verdict)) }
    }
    for number in 0...last { add(number, verdicts[number] ?? .refuse(denied)) }
    add(last + 1, .refuse(unknown))
    for number in verdicts.keys.filter({ $0 > last }).sorted() {
      add(number, verdicts[number] ?? .refuse(denied))
      add(number + 1, .refuse(unknown))
    }
    return ranges
  }

  // MARK: Assembling

  /// linux/bpf_common.h
  private enum Code {
    static let load: UInt16 = 0x20
    static let jump: UInt16 = 0x05
    static let jumpIfEqual: UInt16 = 0x15
    static let jumpIfNotLess: UInt16 = 0x35
    static let jumpIfAnyBit: UInt16 = 0x45
    static let answer: UInt16 = 0x06
  }

  /// Loads 32 bits of `struct seccomp_data`: the number at 0, the architecture at 4, the first argument at 16.
  private static func load(_ offset: UInt32) -> Instruction { Instruction(code: Code.load, value: offset) }

  /// Finds the range of the loaded number.
  private static func tree(_ ranges: ArraySlice<Range>) -> [Instruction] {
    guard ranges.count > 1 else { return ranges.first.map { leaf($0.verdict) } ?? [] }
    let middle = ranges.index(ranges.startIndex, offsetBy: ranges.count / 2)
    let below = tree(ranges[..<middle])
    let above = tree(ranges[middle...])
    let pivot = ranges[middle].first
    // A conditional jump reaches 255 instructions.
    guard below.count > 255 else {
      return [Instruction(code: Code.jumpIfNotLess, yes: UInt8(below.count), no: 0, value: pivot)] + below
        + above
    }
    return [
      Instruction(code: Code.jumpIfNotLess, yes: 0, no: 1, value: pivot),
      Instruction(code: Code.jump, value: UInt32(below.count)),
    ] + below + above
  }

  private static func leaf(_ verdict: Verdict) -> [Instruction] {
    switch verdict {
    case .allow: return [allow]
    case .refuse(let error): return [refuse(error)]
    case .allowWithout(let bits):
      return [
        load(16), Instruction(code: Code.jumpIfAnyBit, yes: 1, no: 0, value: bits), allow, refuse(denied),
      ]
    case .allowIf(let values): return [load(16)] + oneOf(values) + [refuse(denied), allow]
    case .allowUnless(let values): return [load(16)] + oneOf(values) + [allow, refuse(denied)]
    }
  }

  /// Leaves out the instruction behind if the loaded value is one of these.
  private static func oneOf(_ values: [UInt32]) -> [Instruction] {
    values.enumerated().map { index, value in
      Instruction(code: Code.jumpIfEqual, yes: UInt8(values.count - index), no: 0, value: value)
    }
  }

  /// SECCOMP_RET_ALLOW
  private static let allow = Instruction(code: Code.answer, value: 0x7FFF_0000)

  /// SECCOMP_RET_ERRNO
  private static func refuse(_ error: UInt16) -> Instruction {
    Instruction(code: Code.answer, value: 0x0005_0000 | UInt32(error))
  }

  // MARK: For the kernel

  /// The program of this machine; empty where the kernel filters no calls.
  static let native: [isolation_instruction] =
    MachineProbe.filterSupport() == 0
    ? program().map { isolation_instruction(code: $0.code, yes: $0.yes, no: $0.no, value: $0.value) } : []
}
