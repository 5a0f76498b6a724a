/// What a manifest runs on (OCI image-spec, image-index.md, `platform`).
package struct Platform: Hashable, Sendable {
  package var architecture: String
  package var os: String
  package var osVersion: String?
  package var osFeatures: [String]
  package var variant: String?

  /// - Parameters are taken as they are; see `normalized`.
  package init(
    os: String, architecture: String, variant: String? = nil, osVersion: String? = nil,
    osFeatures: [String] = []
  ) {
    self.os = os
    self.architecture = architecture
    self.variant = variant
    self.osVersion = osVersion
    self.osFeatures = osFeatures
  }

  /// Reads `os`, `architecture`, `os/architecture` or `os/architecture/variant`, as `--platform`
  /// takes it, and normalises it. What is left out is the host's. Behind a system may stand its version:
  /// `windows(10.0.20348)/amd64`.
  package init(parsing text: String) throws(PlatformError) {
    var parts = text.split(separator: "/", omittingEmptySubsequences: false).map { $0.lowercased() }
    let version = Self.takeVersion(&parts[0])
    for part in parts where !Self.isComponent(part) { throw .invalidComponent(part, text) }
    switch parts.count {
    case 1:
      if Self.systems.contains(Self.normalizedSystem(parts[0])) {
        self = Platform(os: parts[0], architecture: Self.host.architecture, variant: Self.host.variant)
      } else {
        let platform = Platform(os: Self.host.os, architecture: parts[0]).normalized
        guard Self.architectures.contains(platform.architecture) else {
          throw .unknown(parts[0])
        }
        self = platform
      }
    case 2: self = Platform(os: parts[0], architecture: parts[1])
    case 3: self = Platform(os: parts[0], architecture: parts[1], variant: parts[2])
    default: throw .tooManyComponents(text)
    }
    osVersion = version
    self = normalized
  }

  /// The platform that this program was compiled for; the operating system of its images is Linux.
  package static var host: Platform {
    #if arch(x86_64)
      Platform(os: "linux", architecture: "amd64")
    #elseif arch(arm64)
      Platform(os: "linux", architecture: "arm64")
    #elseif arch(arm)
      Platform(os: "linux", architecture: "arm", variant: "v7")
    #elseif arch(i386)
      Platform(os: "linux", architecture: "386")
    #elseif arch(powerpc64le)
      Platform(os: "linux", architecture: "ppc64le")
    #elseif arch(s390x)
      Platform(os: "linux", architecture: "s390x")
    #elseif arch(riscv64)
      Platform(os: "linux", architecture: "riscv64")
    #else
      Platform(os: "linux", architecture: "unknown")
    #endif
  }

  /// Go's names for system and architecture, no variant where it is the default one, and `v7` for
  /// plain `arm`: the same rules as containerd's, so that platforms can be compared.
  package var normalized: Platform {
    var result = self
    result.os = Self.normalizedSystem(os.lowercased())
    var variant = self.variant?.lowercased() ?? ""
    if let first = variant.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
      variant = "v" + variant
    }
    switch architecture.lowercased() {
    case "i386", "386": (result.architecture, variant) = ("386", "")
    case "amd64", "x86_64", "x86-64":
      result.architecture = "amd64"
      if variant == "v1" { variant = "" }
    case "arm64", "aarch64":
      result.architecture = "arm64"
      if variant == "v8" || variant == "v8.0" { variant = "" }
    case "armhf": (result.architecture, variant) = ("arm", "v7")
    case "armel": (result.architecture, variant) = ("arm", "v6")
    case "arm":
      result.architecture = "arm"
      if variant.isEmpty { variant = "v7" }
    case let other: result.architecture = other
    }
    result.variant = variant.isEmpty ? nil : variant
    return result
  }

  /// The platforms whose images run on this one, the best first: a CPU runs the images of its
  /// earlier variants, and a 64-bit one those of its 32-bit ancestor.
  package var accepted: [Platform] {
    let base = normalized
    func with(_ architecture: String, _ variant: String?) -> Platform {
      Platform(os: base.os, architecture: architecture, variant: variant, osVersion: base.osVersion)
    }
    let version = base.variant.flatMap { $0.first == "v" ? Int($0.dropFirst()) : nil }
    switch base.architecture {
    case "amd64":
      var result = (version.map { stride(from: $0, to: 1, by: -1).map { with("amd64", "v\($0)") } }) ?? []
      if base.variant != nil && version == nil { result.append(with("amd64", base.variant)) }
      return result + [with("amd64", nil), with("386", nil)]
    case "arm64":
      let own = base.variant == nil ? [] : [with("arm64", base.variant)]
      return own + [with("arm64", nil)] + [8, 7, 6, 5].map { with("arm", "v\($0)") }
    case "arm":
      guard let version, version > 5 else { return [base] }
      return stride(from: version, through: 5, by: -1).map { with("arm", "v\($0)") }
    default: return [with(base.architecture, base.variant)]
    }
  }

  /// Takes what stands in parentheses at the end of a system's name; nil without.
  private static func takeVersion(_ system: inout String) -> String? {
    guard system.last == ")", let open = system.firstIndex(of: "(") else { return nil }
    let version = String(system[system.index(after: open)...].dropLast())
    guard isComponent(version) else { return nil }
    system = String(system[..<open])
    return version
  }

  private static func normalizedSystem(_ name: String) -> String { name == "macos" ? "darwin" : name }

  private static func isComponent(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || "_.-".utf8.contains($0)
      }
  }

  private static let systems: Set<String> = [
    "aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "netbsd", "openbsd",
    "plan9", "solaris", "wasip1", "windows",
  ]

  private static let architectures: Set<String> = [
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le",
    "riscv64", "s390x", "wasm",
  ]
}

extension Platform: CustomStringConvertible {
  /// `os/architecture` or `os/architecture/variant`, with the system's version in parentheses.
  package var description: String {
    "\(os)\(osVersion.map { "(\($0))" } ?? "")/\(architecture)" + (variant.map { "/" + $0 } ?? "")
  }
}

/// Why a text is no platform.
package enum PlatformError: Error, Hashable, Sendable {
  /// A component that is empty or holds other characters than letters, digits, `_`, `.` and `-`;
  /// then the whole text.
  case invalidComponent(String, String)
  /// A single word that is neither a known system nor a known architecture.
  case unknown(String)
  /// More than `os/architecture/variant`.
  case tooManyComponents(String)
}
