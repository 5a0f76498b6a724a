import SourceText

/// The instructions of the Dockerfile reference.
public enum InstructionKind: UInt8, Sendable, CaseIterable {
  /// `ADD`
  case add
  /// `ARG`
  case arg
  /// `CMD`
  case cmd
  /// `COPY`
  case copy
  /// `ENTRYPOINT`
  case entrypoint
  /// `ENV`
  case env
  /// `EXPOSE`
  case expose
  /// `FROM`
  case from
  /// `HEALTHCHECK`
  case healthcheck
  /// `LABEL`
  case label
  /// `MAINTAINER`
  case maintainer
  /// `ONBUILD`
  case onbuild
  /// `RUN`
  case run
  /// `SHELL`
  case shell
  /// `STOPSIGNAL`
  case stopsignal
  /// `USER`
  case user
  /// `VOLUME`
  case volume
  /// `WORKDIR`
  case workdir
  /// A keyword that names no instruction.
  case unknown

  /// All eighteen, in alphabetical order.
  public static let known: [InstructionKind] = allCases.filter { $0 != .unknown }

  /// The keyword in capitals; empty for ``unknown``.
  public var keyword: String {
    switch self {
    case .add: "ADD"
    case .arg: "ARG"
    case .cmd: "CMD"
    case .copy: "COPY"
    case .entrypoint: "ENTRYPOINT"
    case .env: "ENV"
    case .expose: "EXPOSE"
    case .from: "FROM"
    case .healthcheck: "HEALTHCHECK"
    case .label: "LABEL"
    case .maintainer: "MAINTAINER"
    case .onbuild: "ONBUILD"
    case .run: "RUN"
    case .shell: "SHELL"
    case .stopsignal: "STOPSIGNAL"
    case .user: "USER"
    case .volume: "VOLUME"
    case .workdir: "WORKDIR"
    case .unknown: ""
    }
  }

  /// Whether here-documents may belong to the instruction.
  var takesHeredocs: Bool { self == .run || self == .copy || self == .add }

  /// The instruction that a keyword names, letter case aside.
  ///
  /// BuildKit folds case over all of Unicode, so a Kelvin sign or a dotted capital I count as their Latin letters.
  static func named(_ text: Span<UInt8>, from start: Int, to end: Int) -> InstructionKind {
    guard end - start >= 3, end - start <= 24 else { return .unknown }
    var packed: UInt64 = 0
    var length = 0
    var index = start
    while index < end {
      var byte = text[index]
      if byte >= 0x80 {
        let (value, width) = text.scalar(at: index, before: end)
        index += width
        switch value {
        case 0x212A: byte = 0x6B
        case 0x0130: byte = 0x69
        default: return .unknown
        }
      } else {
        index += 1
      }
      // Eleven letters of five bits each; what is no letter is no keyword.
      let letter = byte.asciiLowercased
      guard letter >= 0x61, letter <= 0x7A, length < 11 else { return .unknown }
      packed = packed << 5 | UInt64(letter - 0x60)
      length += 1
    }
    let candidates: [InstructionKind]
    switch length {
    case 3: candidates = threeLetters
    case 4: candidates = fourLetters
    default: candidates = longer
    }
    return candidates.first { packedKeywords[Int($0.rawValue)] == packed } ?? .unknown
  }

  private static let threeLetters: [InstructionKind] = [.run, .env, .arg, .cmd, .add]
  private static let fourLetters: [InstructionKind] = [.copy, .from, .user]
  private static let longer: [InstructionKind] = [
    .workdir, .label, .expose, .entrypoint, .volume, .shell, .onbuild, .healthcheck, .maintainer, .stopsignal,
  ]
  /// The keywords packed like the word that is looked up, by raw value.
  private static let packedKeywords: [UInt64] = allCases.map { kind in
    kind.keyword.utf8.reduce(0) { $0 << 5 | UInt64($1.asciiLowercased - 0x60) }
  }
}
