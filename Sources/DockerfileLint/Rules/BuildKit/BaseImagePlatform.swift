import Diagnostics
package import DockerfileSyntax
import SourceText

/// InvalidBaseImagePlatform: the base image is there for another platform than the build is for.
package struct BaseImagePlatform: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("InvalidBaseImagePlatform", "invalid-base-image-platform"), .warning, visits: [.from],
    summary: "a base image for another platform than the build is for")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details, let word = from.image,
      let stage = context.dockerfile.stage(of: instruction.index),
      case .image(let name) = context.stageBases.bases[stage.number],
      let actual = context.environment.imageFacts(name)?.platform, let actual = PlatformName(actual),
      let wanted = wantedPlatform(from, context), !actual.isSame(as: wanted)
    else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "the image `\(name)` at hand is for \(actual.description), and the build is for \(wanted.description)",
        at: word.range,
        help: "fetch the image for \(wanted.description), or name its platform with `--platform`"),
      at: instruction.index)
  }

  private func wantedPlatform(_ from: From, _ context: LintContext) -> PlatformName? {
    guard let word = from.platform else { return context.environment.platform.flatMap { PlatformName($0) } }
    // A variable of the platform is whatever the build is for.
    guard !word.hasVariable else { return nil }
    return PlatformName(word.string)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        FROM of an image that is in the local store for one platform only, and that is another one than `--platform` \
        says, or, without it, than this machine's.
        """,
      why: "Programs of another platform do not run, or run in an emulator.",
      instead: "Fetch the image for the right platform.",
      sources: [
        "https://github.com/moby/buildkit/blob/master/frontend/dockerfile/linter/ruleset.go",
        "https://docs.docker.com/build/building/multi-platform/",
      ],
      examples: Self.examples)
  }

  /// `debian:12` is at hand, for 64-bit ARM only.
  private static var environment: LintEnvironment {
    var environment = LintEnvironment(imageFacts: { name in
      guard name == "debian:12" else { return nil }
      var facts = ImageFacts()
      facts.platform = "linux/arm64"
      return facts
    })
    environment.platform = "linux/amd64"
    return environment
  }

  private static var examples: [RuleExample] {
    [
      .bad(
        """
        FROM «debian:12»

        """, environment: environment),
      .good(
        """
        FROM --platform=linux/arm64 debian:12 AS one
        FROM debian:13

        """, environment: environment),
    ]
  }
}

/// A platform as `--platform` takes it: `os`, `architecture`, `os/architecture` or `os/architecture/variant`.
struct PlatformName: Hashable {
  /// Empty where it is the host's.
  let system: String
  /// Empty where it is the host's.
  let architecture: String

  /// nil for what is no platform.
  init?(_ text: String) {
    let parts = text.lowercased().split(separator: "/", omittingEmptySubsequences: false).map { part in
      // `os(version)` is how a version of Windows is named.
      part.last == ")" ? part.prefix { $0 != "(" } : part
    }
    guard (1...3).contains(parts.count), parts.allSatisfy(Self.isComponent) else { return nil }
    if parts.count > 1 {
      system = Self.system(parts[0])
      architecture = Self.architecture(parts[1])
    } else if Self.systems.contains(Self.system(parts[0])) {
      system = Self.system(parts[0])
      architecture = ""
    } else if Self.architectures.contains(Self.architecture(parts[0])) {
      system = ""
      architecture = Self.architecture(parts[0])
    } else {
      return nil
    }
  }

  var description: String { "\(system)/\(architecture)" }

  /// Whether the two name the same system and architecture, as far as they name any.
  func isSame(as other: PlatformName) -> Bool {
    (system == other.system || system.isEmpty || other.system.isEmpty)
      && (architecture == other.architecture || architecture.isEmpty || other.architecture.isEmpty)
  }

  private static func isComponent(_ text: Substring) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x5F || $0 == 0x2E || $0 == 0x2D
      }
  }

  private static func system(_ name: Substring) -> String { name == "macos" ? "darwin" : String(name) }

  private static func architecture(_ name: Substring) -> String {
    switch name {
    case "i386": "386"
    case "x86_64", "x86-64": "amd64"
    case "aarch64": "arm64"
    case "armhf", "armel": "arm"
    default: String(name)
    }
  }

  private static let systems: Set<String> = [
    "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl",
    "netbsd",
    "openbsd", "plan9", "solaris", "wasip1", "windows", "zos",
  ]
  private static let architectures: Set<String> = [
    "386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle", "mips64",
    "mips64le",
    "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc",
    "sparc64",
    "wasm",
  ]
}
