import Download
import OCIModel

/// A source of ADD that is not on this machine.
enum RemoteSource: Hashable, Sendable {
  case file(RemoteFile)
  case repository(GitReference)

  /// As messages show it.
  var name: String {
    switch self {
    case .file(let file): file.url.withoutCredentials
    case .repository(let reference): reference.remote.withoutCredentials
    }
  }

  /// What is done with it.
  var options: String {
    switch self {
    case .file(let file): "file unpack=\(file.unpacks)"
    case .repository(let reference):
      "repository \(reference.folder) submodules=\(reference.takesSubmodules) "
        + "time=\(reference.hasCommitTime ? "commit" : "build") "
        // `.git` names what it came from.
        + "git=\(reference.keepsGitFolder == true ? "\(reference.remote.withoutCredentials)" : "")"
    }
  }
}

/// A file by its URL.
struct RemoteFile: Hashable, Sendable {
  var url: String
  var checksum: Digest?
  /// Whether it is unpacked if it is an archive.
  var unpacks: Bool
}

extension CopyOperation {
  /// Whether something has to be fetched.
  var hasRemoteSources: Bool {
    sources.contains { if case .remote = $0 { true } else { false } }
  }
}
