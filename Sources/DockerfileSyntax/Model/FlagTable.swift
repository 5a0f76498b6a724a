/// The flags of each instruction, as BuildKit's `instructions` package defines them (August 2026).
package enum FlagTable {
  /// What a flag takes.
  package enum Value: Sendable {
    /// Nothing, `=true` or `=false`.
    case boolean
    /// A text.
    case text
    /// A text; may be given more than once.
    case list
  }

  /// The flags of an instruction, sorted by name.
  package static func flags(of kind: InstructionKind) -> [(name: String, value: Value)] {
    switch kind {
    case .from: from
    case .add: add
    case .copy: copy
    case .run: run
    case .healthcheck: healthcheck
    default: []
    }
  }

  /// The values that a flag may have; empty when it may have any.
  package static func values(of flag: String, in kind: InstructionKind) -> [String] {
    switch (kind, flag) {
    case (.run, "network"): ["default", "host", "none"]
    case (.run, "security"): ["insecure", "sandbox"]
    default: []
    }
  }

  private static let from: [(name: String, value: Value)] = [("platform", .text)]
  private static let add: [(name: String, value: Value)] = [
    ("checksum", .text), ("chmod", .text), ("chown", .text), ("exclude", .list), ("keep-git-dir", .boolean),
    ("link", .boolean), ("unpack", .boolean),
  ]
  private static let copy: [(name: String, value: Value)] = [
    ("chmod", .text), ("chown", .text), ("exclude", .list), ("from", .text), ("link", .boolean),
    ("parents", .boolean),
  ]
  private static let run: [(name: String, value: Value)] = [
    ("device", .list), ("mount", .list), ("network", .text), ("security", .text),
  ]
  private static let healthcheck: [(name: String, value: Value)] = [
    ("interval", .text), ("retries", .text), ("start-interval", .text), ("start-period", .text),
    ("timeout", .text),
  ]
}
