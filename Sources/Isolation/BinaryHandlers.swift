import Glibc

/// A handler that the kernel has for programs of some kind, as a file of binfmt_misc tells
/// (Documentation/admin-guide/binfmt-misc.rst in the kernel's sources).
package struct BinaryHandler: Hashable, Sendable {
  /// How the kernel tells that a file is of that kind.
  package enum Recognition: Hashable, Sendable {
    /// By bytes from an offset on. Where the mask has a 0 bit, that of the file does not matter; without one all do.
    case magic(offset: Int, bytes: [UInt8], mask: [UInt8]?)
    /// By the end of the file's name.
    case nameEnding([UInt8])
  }

  /// The name of its file.
  package var name: String
  package var isEnabled: Bool
  /// The program that is started in place of such a file, by its absolute path.
  package var interpreter: [UInt8]
  /// The letters of its flags.
  package var flags: [UInt8]
  package var recognition: Recognition

  /// Whether the kernel holds the interpreter open: it need not be in the root of who starts a program.
  package var isFixed: Bool { flags.contains(UInt8(ascii: "F")) }

  /// Reads what the kernel writes; nil for anything else.
  package init?(name: String, content: [UInt8]) {
    self.name = name
    var lines = content.split(separator: UInt8(ascii: "\n")).map { Array($0) }
    guard !lines.isEmpty else { return nil }
    switch String(decoding: lines.removeFirst(), as: UTF8.self) {
    case "enabled": isEnabled = true
    case "disabled": isEnabled = false
    default: return nil
    }
    var values: [String: [UInt8]] = [:]
    for line in lines {
      guard let space = line.firstIndex(of: UInt8(ascii: " ")) else {
        // `flags:` may have none behind it.
        values[String(decoding: line, as: UTF8.self)] = []
        continue
      }
      values[String(decoding: line[..<space], as: UTF8.self)] = Array(line[(space + 1)...])
    }
    guard let interpreter = values["interpreter"], interpreter.first == UInt8(ascii: "/") else { return nil }
    self.interpreter = interpreter
    flags = values["flags:"] ?? []
    if let ending = values["extension"] {
      recognition = .nameEnding(ending)
    } else {
      guard let magic = values["magic"].flatMap(Self.bytes), !magic.isEmpty else { return nil }
      let mask = values["mask"].map(Self.bytes)
      if let mask, mask?.count != magic.count { return nil }
      let offset = Int(String(decoding: values["offset"] ?? Array("0".utf8), as: UTF8.self))
      guard let offset, offset >= 0 else { return nil }
      recognition = .magic(offset: offset, bytes: magic, mask: mask ?? nil)
    }
  }

  /// Bytes from pairs of hexadecimal digits.
  private static func bytes(_ digits: [UInt8]) -> [UInt8]? {
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(byte)
    }
    return bytes
  }

  /// Whether a file that starts with these bytes is of the handler's kind. The kernel looks at no more than 256 bytes,
  /// and takes those that a file does not have for 0.
  package func recognises(_ start: [UInt8]) -> Bool {
    guard case .magic(let offset, let bytes, let mask) = recognition, offset + bytes.count <= 256 else {
      return false
    }
    return bytes.indices.allSatisfy { index in
      let place = offset + index
      let byte = place < start.count ? start[place] : 0
      return (byte ^ bytes[index]) & (mask?[index] ?? 0xFF) == 0
    }
  }
}

/// What the kernel has for programs that are none of its own.
package enum BinaryHandlers: Hashable, Sendable {
  /// binfmt_misc is not mounted here: what there is cannot be seen.
  case unseen
  /// All of them are switched off.
  case disabled
  /// In the order of their names.
  case entries([BinaryHandler])

  /// Where binfmt_misc is mounted.
  package static let systemFolder = "/proc/sys/fs/binfmt_misc"

  /// Reads a folder of binfmt_misc. What in it cannot be read, or is no handler, is passed over.
  package static func read(_ folder: String = systemFolder) -> BinaryHandlers {
    guard let status = content(folder + "/status") else { return .unseen }
    guard status.starts(with: "enabled".utf8) else { return .disabled }
    var handlers: [BinaryHandler] = []
    for name in names(folder) where name != "status" && name != "register" {
      guard let content = content(folder + "/" + name) else { continue }
      if let handler = BinaryHandler(name: name, content: content) { handlers.append(handler) }
    }
    return .entries(handlers.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
  }

  private static func content(_ path: String) -> [UInt8]? { readHostFile(path, limit: 1 << 16) }

  private static func names(_ folder: String) -> [String] {
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if name.first != UInt8(ascii: ".") { names.append(String(decoding: name, as: UTF8.self)) }
    }
    return names
  }

  /// What they come to for programs of an architecture.
  package enum Finding: Hashable, Sendable {
    /// There is one that needs nothing in the root.
    case works
    /// There is one whose interpreter has to be in the root, at this absolute path.
    case needsInterpreter([UInt8])
    /// There is one, and it is switched off; its name.
    case handlerDisabled(String)
    /// All handlers are switched off.
    case allDisabled
    /// There is none.
    case none
    /// Only trying tells.
    case unseen
  }

  /// - Parameter architecture: by Go's name, such as `arm64`; of one that is not known here only trying tells.
  package func finding(for architecture: String) -> Finding {
    guard let program = ELFProgram(architecture: architecture) else { return .unseen }
    switch self {
    case .unseen: return .unseen
    case .disabled: return .allDisabled
    case .entries(let handlers):
      let starts = [program.header(isRelocatable: false), program.header(isRelocatable: true)]
      let matching = handlers.filter { handler in starts.contains(where: handler.recognises) }
      let enabled = matching.filter(\.isEnabled)
      if enabled.contains(where: \.isFixed) { return .works }
      if let first = enabled.first { return .needsInterpreter(first.interpreter) }
      if let first = matching.first { return .handlerDisabled(first.name) }
      return .none
    }
  }
}
