package import SourceText

/// One file of a lint run.
package struct LintInput: Sendable {
  /// What is linted of it.
  package enum Content: Sendable {
    /// The file is a Dockerfile; it is read when its turn comes.
    case file
    /// Standard input is a Dockerfile.
    case standardInput
    /// The file holds Dockerfiles and has been read already.
    case embedded([EmbeddedDockerfile], outer: Source)
  }

  /// Where the file is, as the user reaches it.
  package let path: InputPath
  /// What is linted.
  package let content: Content

  /// What findings call it.
  package var displayName: String { path.displayName }

  init(_ path: InputPath, _ content: Content) {
    self.path = path
    self.content = content
  }

  /// Reads the file, or gives it again where that has been done.
  ///
  /// - Parameter name: what findings call it instead.
  package func read(named name: String? = nil) throws(FileFailure) -> Source {
    switch content {
    case .file: Source(name: name ?? displayName, bytes: try readFile(path))
    case .standardInput: Source(name: name ?? displayName, bytes: try readStandardInput())
    case .embedded(_, let outer): outer
    }
  }

  /// The Dockerfiles inside another text of the same file, like the one after mending.
  package func embedded(in bytes: [UInt8]) -> [EmbeddedDockerfile] {
    var file = ComposeFile(Source(name: displayName, bytes: bytes), folder: path.folder)
    return file.read().embedded
  }
}

/// Something that stood in the way of the search. Nothing of it keeps the rest from being linted.
package struct InputProblem: Sendable {
  /// How much it weighs.
  package enum Level: Sendable {
    /// Worth a word when much is told.
    case note
    /// Nobody named the file, so the run does not fail for it.
    case warning
    /// What the user asked for cannot be done.
    case error
  }

  package enum Kind: Sendable {
    case unreadable(FileFailure)
    case unreadableFolder(FileFailure)
    /// The folders are nested deeper than is searched.
    case tooDeep
    /// A pattern matches nothing.
    case noMatch
    /// A pattern stands for too many alternatives.
    case tooManyAlternatives
    /// Named by the user and left out by the user.
    case excluded
    /// The text is not what it should be, with a sentence that says so.
    case malformed(String)
    /// The Dockerfile that stands here is not there.
    case missing(InputPath, FileFailure)
    /// A path with variables whose values are not known.
    case variables(String)
  }

  package let path: InputPath
  /// Where in the file.
  package let position: Position?
  package let level: Level
  package let kind: Kind
}
