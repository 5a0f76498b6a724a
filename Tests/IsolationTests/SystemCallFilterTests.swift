import Glibc
import Testing

@testable import Isolation

/// The filter is a program: here it is executed.
@Suite("The filter of system calls")
struct SystemCallFilterTests {
  typealias Architecture = SystemCallFilter.Architecture

  /// The numbers of some calls that a container may not make, on x86_64, i386, aarch64 and arm (the kernel's tables).
  static let refused: [(name: String, numbers: [UInt32?])] = [
    ("mount", [165, 21, 40, 21]), ("umount2", [166, 52, 39, 52]), ("pivot_root", [155, 217, 41, 218]),
    ("unshare", [272, 310, 97, 337]), ("setns", [308, 346, 268, 375]), ("move_mount", [429, 429, 429, 429]),
    ("fsopen", [430, 430, 430, 430]), ("open_tree", [428, 428, 428, 428]),
    ("mount_setattr", [442, 442, 442, 442]),
    ("bpf", [321, 357, 280, 386]), ("perf_event_open", [298, 336, 241, 364]),
    ("add_key", [248, 286, 217, 309]),
    ("request_key", [249, 287, 218, 310]), ("keyctl", [250, 288, 219, 311]),
    ("kexec_load", [246, 283, 104, 347]),
    ("init_module", [175, 128, 105, 128]), ("finit_module", [313, 350, 273, 379]),
    ("delete_module", [176, 129, 106, 129]), ("reboot", [169, 88, 142, 88]), ("swapon", [167, 87, 224, 87]),
    ("open_by_handle_at", [304, 342, 265, 371]), ("userfaultfd", [323, 374, 282, 388]),
    ("io_uring_setup", [425, 425, 425, 425]), ("settimeofday", [164, 79, 170, 79]),
    ("acct", [163, 51, 89, 51]),
    ("sethostname", [170, 74, 161, 74]), ("syslog", [103, 103, 116, 103]), ("iopl", [172, 110, nil, nil]),
    ("quotactl", [179, 131, 60, 131]), ("fanotify_init", [300, 338, 262, 367]),
    ("lookup_dcookie", [212, 253, 18, 249]), ("vhangup", [153, 111, 58, 111]),
  ]

  static let allowed: [(name: String, numbers: [UInt32?])] = [
    ("read", [0, 3, 63, 3]), ("openat", [257, 295, 56, 322]), ("execve", [59, 11, 221, 11]),
    ("chroot", [161, 61, 51, 61]), ("ptrace", [101, 26, 117, 26]), ("fchownat", [260, 298, 54, 325]),
    ("mknodat", [259, 297, 33, 324]), ("setresuid", [117, 164, 147, 164]), ("capset", [126, 185, 91, 185]),
    ("seccomp", [317, 354, 277, 383]), ("statx", [332, 383, 291, 397]), ("fchmodat2", [452, 452, 452, 452]),
    ("rseq", [334, 386, 293, 398]), ("arch_prctl", [158, 384, nil, nil]),
    ("socketcall", [nil, 102, nil, nil]),
    ("set_tls", [nil, nil, nil, 983_045]), ("setgroups", [116, 81, 159, 81]),
    ("membarrier", [324, 375, 283, 389]),
  ]

  @Test("What docker refuses fails with EPERM, on every architecture", arguments: Architecture.allCases)
  func refusals(architecture: Architecture) throws {
    for (name, numbers) in Self.refused {
      guard let number = numbers[architecture.rawValue] else { continue }
      #expect(try run(architecture, number) == 0x5_0001, "\(name)")
    }
  }

  @Test("What docker allows goes through, on every architecture", arguments: Architecture.allCases)
  func permissions(architecture: Architecture) throws {
    for (name, numbers) in Self.allowed {
      guard let number = numbers[architecture.rawValue] else { continue }
      #expect(try run(architecture, number) == 0x7FFF_0000, "\(name)")
    }
  }

  @Test(
    "Every number gets the verdict of the table, and none runs off the program",
    arguments: Architecture.allCases)
  func complete(architecture: Architecture) throws {
    let ranges = SystemCallFilter.ranges(of: architecture)
    let numbers: [UInt32] =
      Array(0...600) + [983_040, 983_041, 983_042, 983_046, 0x4000_0000, 0x4000_0001, .max]
    for number in numbers {
      let verdict = try #require(ranges.last { $0.first <= number }?.verdict)
      let answer = try run(architecture, number)
      switch verdict {
      case .allow: #expect(answer == 0x7FFF_0000, "\(number)")
      case .refuse(let error): #expect(answer == 0x5_0000 | UInt32(error), "\(number)")
      case .allowWithout, .allowUnless: #expect(answer == 0x7FFF_0000, "\(number): the argument is 0")
      case .allowIf(let values): #expect((answer == 0x7FFF_0000) == values.contains(0), "\(number)")
      }
    }
  }

  @Test("Calls that are newer than the profile do not exist, so that older ones are tried")
  func newer() throws {
    for number: UInt32 in [600, 1000, 0x4000_0000] { #expect(try run(.amd64, number) == 0x5_0026) }
    #expect(try run(.amd64, 435) == 0x5_0026, "clone3, whose flags are in memory")
    #expect(try run(.amd64, 466) == 0x7FFF_0000, "removexattrat, the last that the profile has")
    #expect(try run(.amd64, 467) == 0x5_0026)
  }

  @Test(
    "clone makes processes and threads, and no namespaces",
    arguments: [0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000]
      as [UInt32])
  func clone(flag: UInt32) throws {
    for (architecture, number) in [
      (Architecture.amd64, UInt32(56)), (.i386, 120), (.arm64, 220), (.arm, 120),
    ] {
      #expect(try run(architecture, number, 17) == 0x7FFF_0000)
      #expect(try run(architecture, number, 0x003D_0F00) == 0x7FFF_0000, "a thread")
      #expect(try run(architecture, number, flag | 17) == 0x5_0001)
    }
  }

  @Test("Sockets of every family but those to the crypto of the kernel and to virtual machines")
  func sockets() throws {
    for family: UInt32 in 0...45 {
      #expect(
        try run(.amd64, 41, family) == (family == 38 || family == 40 ? 0x5_0001 : 0x7FFF_0000), "\(family)")
    }
    // The kernel reads 32 bits: what is above them hides nothing.
    #expect(try run(.amd64, 41, 40, above: 1) == 0x5_0001)
  }

  @Test("A process may ask for its personality, and for few others")
  func personalities() throws {
    for value: UInt32 in [0, 8, 0x20000, 0x20008, .max] {
      #expect(try run(.amd64, 135, value) == 0x7FFF_0000)
    }
    // ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC.
    for value: UInt32 in [0x0040_0000, 0x0400_0000, 1] { #expect(try run(.amd64, 135, value) == 0x5_0001) }
  }

  @Test("An architecture that this machine does not have is the end of the process")
  func foreign() throws {
    #expect(try execute(Self.intel, SystemCall(number: 0, architecture: 0xC000_00B7)) == 0x8000_0000)
  }

  @Test("The program is one that the kernel takes: short, and no call has far to go")
  func size() throws {
    for (pair, program) in [([Architecture.amd64, .i386], Self.intel), ([.arm64, .arm], Self.arm)] {
      #expect(program.count < 4096)
      for architecture in pair {
        for number in 0...500 {
          var steps = 0
          _ = try execute(
            program, SystemCall(number: UInt32(number), architecture: architecture.mark), &steps)
          #expect(steps < 30)
        }
      }
    }
  }

  // MARK: An interpreter

  /// What a filter sees: struct seccomp_data.
  struct SystemCall {
    var number: UInt32
    var architecture: UInt32
    var argument: UInt32 = 0
    var above: UInt32 = 0
  }

  struct Invalid: Error {
    var reason: String
  }

  private func run(
    _ architecture: Architecture, _ number: UInt32, _ argument: UInt32 = 0, above: UInt32 = 0
  ) throws -> UInt32 {
    let isIntel = architecture == .amd64 || architecture == .i386
    return try execute(
      isIntel ? Self.intel : Self.arm,
      SystemCall(number: number, architecture: architecture.mark, argument: argument, above: above))
  }

  private static let intel = SystemCallFilter.program(for: [.amd64, .i386])
  private static let arm = SystemCallFilter.program(for: [.arm64, .arm])

  private func execute(_ program: [SystemCallFilter.Instruction], _ call: SystemCall) throws -> UInt32 {
    var steps = 0
    return try execute(program, call, &steps)
  }

  private func execute(
    _ program: [SystemCallFilter.Instruction], _ call: SystemCall, _ steps: inout Int
  ) throws -> UInt32 {
    var place = 0
    var accumulator: UInt32 = 0
    while true {
      guard program.indices.contains(place) else {
        throw Invalid(reason: "the program ends without an answer")
      }
      let instruction = program[place]
      place += 1
      steps += 1
      func jump(_ condition: Bool) { place += Int(condition ? instruction.yes : instruction.no) }
      switch instruction.code {
      case 0x20:
        switch instruction.value {
        case 0: accumulator = call.number
        case 4: accumulator = call.architecture
        case 16: accumulator = call.argument
        case 20: accumulator = call.above
        default: throw Invalid(reason: "a load of \(instruction.value)")
        }
      case 0x05: place += Int(instruction.value)
      case 0x15: jump(accumulator == instruction.value)
      case 0x35: jump(accumulator >= instruction.value)
      case 0x45: jump(accumulator & instruction.value != 0)
      case 0x06: return instruction.value
      default: throw Invalid(reason: "the instruction \(instruction.code)")
      }
    }
  }
}
