import CYAML
import SourceText

/// A libyaml parser over a part of a file: events with byte offsets of the file.
///
/// Safe to use where it is made: it owns the parser, and lives inside the closure that lends it the bytes.
@safe
struct EventParser: ~Copyable {
  /// What the parser reports, as far as the tree needs it.
  enum Event {
    case documentStart
    case documentEnd
    case scalar(ConfigScalar, anchor: String?, ByteRange)
    case alias(String, ByteRange)
    /// The start of a list or map; `isFlow` for `[]` and `{}`.
    case open(isMap: Bool, isFlow: Bool, anchor: String?, ByteRange)
    case close(ByteRange)
    case end
  }

  /// The text is not YAML.
  struct SyntaxError: Error {
    let message: String
    let offset: Int
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeBufferPointer<UInt8>
  /// Where the part starts in the file.
  private let base: Int
  /// The offset of each character, because libyaml counts characters; empty where every character is one byte.
  private let characters: [UInt32]

  /// Starts to read; `bytes` must stay valid as long as the parser is used. nil when there is no memory.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, base: Int) {
    // libyaml keeps a pointer to the parser inside of it, so it needs a place of its own.
    unsafe parser = .allocate(capacity: 1)
    unsafe self.bytes = bytes
    self.base = base
    characters = unsafe Self.characterOffsets(bytes)
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      unsafe parser.deallocate()
      return nil
    }
    // Without this a byte-order mark of UTF-16 would be obeyed, and no offset would mean anything.
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
  }

  /// The next event.
  mutating func next() throws(SyntaxError) -> Event {
    while true {
      var event = unsafe yaml_event_t()
      guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
      defer { unsafe yaml_event_delete(&event) }
      let range = unsafe range(event.start_mark, event.end_mark)
      switch unsafe event.type {
      case YAML_DOCUMENT_START_EVENT: return .documentStart
      case YAML_DOCUMENT_END_EVENT: return .documentEnd
      case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .end
      case YAML_SCALAR_EVENT:
        let scalar = unsafe event.data.scalar
        let text = unsafe String(
          decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
        return .scalar(
          ConfigScalar(text, Self.style(unsafe scalar.style), tag: unsafe Self.text(scalar.tag)),
          anchor: unsafe Self.text(scalar.anchor), range)
      case YAML_ALIAS_EVENT:
        return .alias(unsafe Self.text(event.data.alias.anchor) ?? "", range)
      case YAML_SEQUENCE_START_EVENT:
        let start = unsafe event.data.sequence_start
        return .open(
          isMap: false, isFlow: unsafe start.style == YAML_FLOW_SEQUENCE_STYLE,
          anchor: unsafe Self.text(start.anchor), range)
      case YAML_MAPPING_START_EVENT:
        let start = unsafe event.data.mapping_start
        return .open(
          isMap: true, isFlow: unsafe start.style == YAML_FLOW_MAPPING_STYLE,
          anchor: unsafe Self.text(start.anchor), range)
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .close(range)
      default: continue
      }
    }
  }

  private func range(_ start: yaml_mark_t, _ end: yaml_mark_t) -> ByteRange {
    ByteRange(base + offset(start.index), base + offset(end.index))
  }

  /// The offset in the part of a character.
  private func offset(_ character: Int) -> Int {
    let size = unsafe bytes.count
    guard !characters.isEmpty else { return min(max(character, 0), size) }
    return character >= 0 && character < characters.count ? Int(characters[character]) : size
  }

  private func failure() -> SyntaxError {
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
    let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) }
    let message = context.map { "\($0), \(problem)" } ?? problem
    // What cannot even be decoded has an offset in bytes; everything else has a mark.
    let place =
      unsafe parser.pointee.error == YAML_READER_ERROR
      ? unsafe min(Int(parser.pointee.problem_offset), bytes.count)
      : offset(Int(unsafe parser.pointee.problem_mark.index))
    return SyntaxError(message: message, offset: base + place)
  }

  private static func style(_ style: yaml_scalar_style_t) -> ConfigScalar.Style {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    unsafe pointer.map { unsafe String(cString: UnsafePointer<UInt8>($0)) }
  }

  private static func characterOffsets(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt32] {
    guard unsafe bytes.contains(where: { $0 >= 0x80 }) else { return [] }
    var offsets: [UInt32] = []
    offsets.reserveCapacity(bytes.count)
    for index in bytes.indices where unsafe bytes[index] & 0xC0 != 0x80 {
      offsets.append(UInt32(truncatingIfNeeded: index))
    }
    return offsets
  }
}
