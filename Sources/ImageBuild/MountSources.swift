package import FileTree

/// A secret that a build may use, of `--secret`.
package struct BuildSecret: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    /// A file of the host, by its absolute path; read when a RUN needs it.
    case file(BytePath)
    case value([UInt8])
  }

  package var id: String
  package var source: Source
  /// Bytes that a secret may have, which are BuildKit's.
  package static let limit = 500 << 10

  package init(id: String, source: Source) {
    self.id = id
    self.source = source
  }

  /// Reads the secret.
  func content() throws(BuildProblem.Kind) -> [UInt8] {
    switch source {
    case .value(let value): return value
    case .file(let path):
      do throws(FileError) {
        // Links may lead anywhere on the host: the user has named the file.
        return try Directory(opening: "/").readFile(path, followingLink: true, limit: Self.limit)
      } catch {
        throw .secretFile(id, error)
      }
    }
  }
}

/// An SSH agent that a build may use, of `--ssh`.
package struct BuildAgent: Hashable, Sendable {
  package var id: String
  /// The absolute path of the agent's socket.
  package var socket: [UInt8]

  package init(id: String, socket: [UInt8]) {
    self.id = id
    self.socket = socket
  }
}
