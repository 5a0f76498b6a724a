package import FileTree
import Glibc
package import ImageStore

/// What a git URL of a Dockerfile or command line names: `REMOTE#REF:FOLDER`.
package struct GitReference: Hashable, Sendable {
  package var remote: String
  /// A branch, a tag or a commit; nil is the remote's default branch.
  package var ref: String?
  /// A folder of the repository.
  package var folder: String?

  /// Reads what docker takes for a repository: `git://`, `ssh://`, `git@host:path`, `github.com/…`, and an HTTP address or
  /// `file://` whose path ends with `.git`. Everything else gives nil.
  package init?(_ text: String) {
    let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    var remote = parts[0]
    if remote.hasPrefix("github.com/") { remote = "https://" + remote }
    let isPlain = remote.hasPrefix("git://") || remote.hasPrefix("ssh://") || remote.hasPrefix("git@")
    let isWeb = ["http://", "https://", "file://"].contains { remote.hasPrefix($0) }
    let isGitHub = parts[0].hasPrefix("github.com/")
    guard isPlain || isGitHub || isWeb && remote.hasSuffix(".git") else { return nil }
    self.remote = remote
    guard parts.count == 2 else { return }
    let fragment = parts[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      .map(String.init)
    if !fragment[0].isEmpty { ref = fragment[0] }
    if fragment.count == 2, !fragment[1].isEmpty { folder = fragment[1] }
  }
}

/// Why a repository could not be checked out.
package enum GitFailure: Error, Hashable, Sendable {
  /// git cannot be started; the number of the error.
  case missing(CInt)
  /// git has failed; its last words.
  case failed(command: String, message: String)
  case invalidReference(String)
  /// The repository has no such folder.
  case noFolder(String)
}

extension GitReference {
  /// Fetches the commit alone where the server allows it, with its submodules, into a new folder of the store.
  ///
  /// - Parameter keepsRepository: whether `.git` stays.
  /// - Returns: the folder's absolute path.
  package func checkOut(_ store: OCILayoutStore, keepsRepository: Bool) throws(ContextError) -> BytePath {
    // What starts with a dash would be an option.
    for text in [ref ?? "", remote] where text.hasPrefix("-") { throw .git(.invalidReference(text)) }
    let root = try store.makeContextFolder()
    do throws(GitFailure) {
      try checkOut(into: root)
    } catch {
      throw .git(error)
    }
    do throws(FileError) {
      let directory = try Directory(opening: root)
      if !keepsRepository { try directory.removeTree(".git") }
      guard let folder else { return root }
      let path = try directory.resolve(BytePath(folder).clampedToRoot)
      guard try directory.statusIfPresent(path)?.isDirectory == true else {
        throw FileError(.open, BytePath(folder), ENOTDIR)
      }
      return root.joining(path)
    } catch {
      if error.isNotADirectory || error.isNotFound, let folder { throw .git(.noFolder(folder)) }
      throw .file(error)
    }
  }

  private func checkOut(into root: BytePath) throws(GitFailure) {
    let git = GitProcess(folder: root.description)
    try git.run(["init", "-q"])
    try git.run(["remote", "add", "origin", remote])
    let wanted = ref ?? "HEAD"
    do throws(GitFailure) {
      try git.run(["fetch", "-q", "--no-tags", "--depth", "1", "origin", wanted])
      try git.run(["checkout", "-q", "--detach", "FETCH_HEAD"])
    } catch {
      guard ref != nil, case .failed = error else { throw error }
      // A commit that the server does not give by its id, or a short id: it is in the history.
      try git.run(["fetch", "-q", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"])
      try git.run(["checkout", "-q", "--detach", wanted, "--"])
    }
    if unsafe access(root.description + "/.gitmodules", F_OK) == 0 {
      try git.run(["submodule", "update", "-q", "--init", "--recursive", "--depth", "1"])
    }
  }
}

/// The installed git, working in one folder.
private struct GitProcess {
  let folder: String

  /// Settings of the machine that would change what is checked out, or let a repository run something.
  private static let settings = [
    "core.hooksPath=/dev/null", "core.autocrlf=false", "advice.detachedHead=false", "safe.directory=*",
    "init.defaultBranch=main",
  ]

  func run(_ arguments: [String]) throws(GitFailure) {
    var words = ["git", "-C", folder]
    for setting in Self.settings { words += ["-c", setting] }
    words += arguments
    guard let file = unsafe tmpfile() else { throw .missing(errno) }
    defer { unsafe fclose(file) }
    let messages = unsafe fileno(file)
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO)
    let environment = Self.environment
    var list: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer {
      for index in words.indices { unsafe free(list[index]) }
      for index in environment.indices { unsafe free(variables[index]) }
    }
    // Modes of files must not depend on the caller.
    let mask = umask(0o022)
    var child: pid_t = 0
    let failure = unsafe posix_spawnp(&child, "git", &actions, nil, &list, &variables)
    umask(mask)
    guard failure == 0 else { throw .missing(failure) }
    var status: CInt = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw .missing(errno) }
    }
    guard status != 0 else { return }
    throw .failed(command: arguments[0], message: Self.lastWords(messages))
  }

  /// The environment, in which nobody is asked for a password and no other repository is meant.
  private static var environment: [String] {
    var result = ["GIT_TERMINAL_PROMPT=0", "LC_ALL=C"]
    var index = 0
    while let entry = unsafe environ[index] {
      let text = unsafe String(cString: entry)
      let foreign = [
        "GIT_DIR=", "GIT_WORK_TREE=", "GIT_INDEX_FILE=", "GIT_TERMINAL_PROMPT=", "LC_ALL=", "GIT_PREFIX=",
        "GIT_OBJECT_DIRECTORY=",
      ]
      if !foreign.contains(where: { text.hasPrefix($0) }) { result.append(text) }
      index += 1
    }
    return result
  }

  private static func lastWords(_ file: CInt) -> String {
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
      count = max(0, unsafe pread(file, buffer.baseAddress, buffer.count, 0))
    }
    let lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    return lines.last { $0.hasPrefix("fatal:") } ?? lines.last ?? ""
  }
}
