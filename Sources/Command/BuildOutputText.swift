import Glibc
import ImageBuild
import Layers
import OCIModel

extension BuildOutput {
  /// Reads what stands behind `-o`: a folder, `FILE.tar`, `-`, or `type=…,dest=…` and on.
  init(_ text: String) throws {
    if let fields = csvFields(text), fields.count == 1, !fields[0].contains("=") {
      // As docker has it: `-` is the files as a tar, anything else a folder for them. An archive's name means an archive.
      if text == "-" {
        self.init(kind: .filesTar, destination: text)
      } else {
        self.init(kind: text.hasSuffix(".tar") ? .archive(isTar: true) : .files, destination: text)
      }
    } else {
      var reader = BuildOutputReader(text)
      self = try reader.read()
    }
    if isStandardOutput, isatty(STDOUT_FILENO) == 1 {
      throw Failure("-o \(text): an archive is not for a terminal", status: Exit.unable)
    }
  }
}

/// Reads `type=oci,dest=FILE` and the like.
private struct BuildOutputReader {
  private let text: String
  private var type: String?
  private var destination: String?
  private var isTar = true
  private var compression: String?
  private var level: Int?
  private var output = BuildOutput(kind: .nothing)

  init(_ text: String) {
    self.text = text
  }

  private func refusal(_ reason: String) -> Failure {
    Failure("-o \(text): \(reason)", status: Exit.unable)
  }

  mutating func read() throws -> BuildOutput {
    guard let fields = csvFields(text) else { throw refusal("a quote has no end") }
    for field in fields {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { throw refusal("`\(field)` has no value") }
      try set(parts[0], parts[1])
    }
    output.kind = try kind()
    output.form.codec = try codec()
    if output.form.isForced, output.form.codec == nil { output.form.codec = .gzip }
    return output
  }

  private mutating func set(_ key: String, _ value: String) throws {
    switch key {
    case "type": type = value
    case "dest": destination = value
    case "name": output.names += try value.split(separator: ",").map { try imageName(String($0)) }
    case "tar": isTar = try bool(key, value)
    case "compression": compression = value
    case "compression-level":
      guard let number = Int(value) else { throw refusal("`\(key)` is a number") }
      level = number
    case "force-compression": output.form.isForced = try bool(key, value)
    case "oci-mediatypes": output.form.hasDockerTypes = try !bool(key, value)
    case "platform-split": output.splitsPlatforms = try bool(key, value)
    case "push":
      output.isPushed = try bool(key, value)
    case _ where key.hasPrefix("annotation"):
      guard let annotation = ImageForm.Annotation(outputKey: key, value: value) else {
        throw refusal("write annotation.KEY=VALUE, annotation-index.KEY=VALUE or the like")
      }
      output.form.annotations.append(annotation)
    default: throw refusal("`\(key)` is not supported")
    }
  }

  private func bool(_ key: String, _ value: String) throws -> Bool {
    switch value {
    case "true", "1": true
    case "false", "0": false
    default: throw refusal("`\(key)` is true or false")
    }
  }

  private mutating func kind() throws -> BuildOutput.Kind {
    guard let type else {
      throw refusal("`type` is missing: oci, docker, local, tar, image, registry or cacheonly")
    }
    if output.isPushed, type != "image", type != "registry" {
      throw refusal("`push` goes with type=image only")
    }
    switch type {
    case "image": return .store
    case "cacheonly": return .nothing
    case "registry":
      output.isPushed = true
      return .store
    case "oci", "docker", "local", "tar": break
    default: throw refusal("there is no type `\(type)`")
    }
    guard let destination, !destination.isEmpty else {
      throw refusal(
        type == "docker"
          ? "`dest` is missing: there is no daemon to load the image into" : "`dest` is missing")
    }
    output.destination = destination
    switch type {
    case "local":
      if destination == "-" { throw refusal("a folder cannot go to standard output: write type=tar") }
      return .files
    case "tar": return .filesTar
    default:
      if type == "docker", !isTar { throw refusal("a docker archive is always a tar") }
      return .archive(isTar: isTar)
    }
  }

  /// BuildKit's names and ranges; its level 0 of zstd is zstd's usual one.
  private func codec() throws -> LayerCodec? {
    switch compression {
    case nil:
      if level != nil { throw refusal("`compression-level` needs `compression`") }
      return nil
    case "gzip":
      guard (0...12).contains(level ?? 6) else { throw refusal("gzip has levels from 0 to 12") }
      return .gzip(level: level ?? 6)
    case "zstd":
      guard (0...22).contains(level ?? 3) else { throw refusal("zstd has levels from 1 to 22") }
      return level.map { $0 == 0 ? .zstd : .zstd(level: $0) } ?? .zstd
    case "uncompressed":
      if level != nil { throw refusal("`uncompressed` has no level") }
      return LayerCodec.none
    case let name?: throw refusal("there is no compression `\(name)`: write gzip, zstd or uncompressed")
    }
  }
}

extension ImageForm.Annotation {
  /// `annotation.KEY`, `annotation-PLACE.KEY`, with `[PLATFORM]` before the point.
  fileprivate init?(outputKey text: String, value: String) {
    guard let point = text.firstIndex(of: ".") else { return nil }
    let key = String(text[text.index(after: point)...])
    var head = text[..<point].dropFirst("annotation".count)
    if head.hasPrefix("-") { head = head.dropFirst() } else { head = "manifest" + head }
    guard let (places, platform) = Self.places(head), places.count == 1, !key.isEmpty else { return nil }
    self.init(place: places[0], platform: platform, key: key, value: value)
  }

  /// Reads what stands behind `--annotation`: `[PLACE[,PLACE]…[[PLATFORM]]:]KEY=VALUE`.
  static func annotations(_ text: String) throws -> [ImageForm.Annotation] {
    func refusal() -> Failure {
      Failure("--annotation \(text): write KEY=VALUE, manifest:KEY=VALUE or the like", status: Exit.unable)
    }
    guard let equals = text.firstIndex(of: "=") else { throw refusal() }
    var key = text[..<equals]
    let value = String(text[text.index(after: equals)...])
    var places = [Place.manifest]
    var platform: Platform?
    if let colon = key.firstIndex(of: ":") {
      guard let found = Self.places(key[..<colon]) else { throw refusal() }
      (places, platform) = found
      key = key[key.index(after: colon)...]
    }
    guard !key.isEmpty else { throw refusal() }
    return places.map { Self(place: $0, platform: platform, key: String(key), value: value) }
  }

  private static func places(_ text: Substring) -> (places: [Place], platform: Platform?)? {
    var names = text
    var platform: Platform?
    if let open = text.firstIndex(of: "["), text.hasSuffix("]") {
      names = text[..<open]
      let inner = String(text[text.index(after: open)...].dropLast())
      guard let parsed = try? Platform(parsing: inner) else { return nil }
      platform = parsed
    }
    let places = names.split(separator: ",", omittingEmptySubsequences: false).map {
      Place(rawValue: String($0))
    }
    let known = places.compactMap(\.self)
    return known.count == places.count ? (known, platform) : nil
  }
}

/// The fields of one line of CSV (RFC 4180); nil if a quote has no end.
func csvFields(_ text: String) -> [String]? {
  var fields: [String] = []
  var field = ""
  var isQuoted = false
  var rest = text[...]
  while let character = rest.popFirst() {
    switch character {
    case "\"" where isQuoted && rest.first == "\"":
      field.append("\"")
      rest.removeFirst()
    case "\"" where isQuoted: isQuoted = false
    case "\"" where field.isEmpty: isQuoted = true
    case "," where !isQuoted:
      fields.append(field)
      field = ""
    default: field.append(character)
    }
  }
  return isQuoted ? nil : fields + [field]
}
