import SourceText

/// What a file is by its name.
package enum InputKind: Sendable {
  case dockerfile
  case compose
  case devcontainer

  /// What a search takes a file for; nil when it is none of these.
  ///
  /// - Parameters:
  ///   - name: the file's name.
  ///   - folder: the folder that holds it.
  init?(found name: [UInt8], in folder: InputPath) {
    if Self.isDockerfile(name[...]) {
      self = .dockerfile
    } else if Self.isCompose(name[...]) {
      self = .compose
    } else if name.elementsEqual(".devcontainer.json".utf8) {
      self = .devcontainer
    } else if name.elementsEqual("devcontainer.json".utf8),
      Self.isDevcontainerFolder(folder.name) || Self.isDevcontainerFolder(folder.folder.name)
    {
      self = .devcontainer
    } else {
      return nil
    }
  }

  /// What a file is that the user named: a Dockerfile, whatever it is called, unless its name is that of something else.
  init(named name: ArraySlice<UInt8>) {
    if Self.isCompose(name) {
      self = .compose
    } else if name.elementsEqual(".devcontainer.json".utf8) || name.elementsEqual("devcontainer.json".utf8) {
      self = .devcontainer
    } else {
      self = .dockerfile
    }
  }

  private static func isDevcontainerFolder(_ name: ArraySlice<UInt8>) -> Bool {
    name.elementsEqual(".devcontainer".utf8)
  }

  /// `Dockerfile`, `Dockerfile.*`, `*.Dockerfile`, and the same with Containerfile; endings also in small letters.
  static func isDockerfile(_ name: ArraySlice<UInt8>) -> Bool {
    guard !name.ends(with: ".dockerignore"), !name.ends(with: ".containerignore") else { return false }
    for base in ["Dockerfile", "Containerfile"] {
      let size = base.utf8.count
      if name.starts(with: base.utf8), name.count == size || name[name.startIndex + size] == dot {
        return true
      }
      guard name.count > size + 1, name[name.endIndex - size - 1] == dot else { continue }
      let first = name[name.endIndex - size]
      if first.asciiLowercased == base.utf8.first?.asciiLowercased,
        name.suffix(size - 1).elementsEqual(base.utf8.dropFirst())
      {
        return true
      }
    }
    return false
  }

  /// `compose.yaml`, `compose.*.yaml`, `docker-compose*.yaml`, each also with `yml`.
  static func isCompose(_ name: ArraySlice<UInt8>) -> Bool {
    guard let stem = yamlStem(name) else { return false }
    return stem.elementsEqual("compose".utf8) || stem.starts(with: "compose.".utf8)
      || stem.starts(with: "docker-compose".utf8)
  }

  /// The name without `.yaml` or `.yml`; nil when it ends otherwise.
  static func yamlStem(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    for ending in [".yaml", ".yml"] where name.ends(with: ending) { return name.dropLast(ending.utf8.count) }
    return nil
  }

  private static let dot = UInt8(ascii: ".")
}

extension ArraySlice<UInt8> {
  func ends(with ending: String) -> Bool { suffix(ending.utf8.count).elementsEqual(ending.utf8) }
}
