import Glibc

/// Files as they were at a revision of a git repository, read by the installed git.
enum GitRevision {
  /// The contents of files at a revision; nil for a file that was not there.
  ///
  /// - Parameter revision: anything that git takes for a commit: a branch, a tag, `HEAD~3`.
  /// - Throws: when there is no git, no repository or no such revision.
  static func contents(of paths: [[UInt8]], at revision: String) throws(Failure) -> [[UInt8]?] {
    // A revision that begins with a dash would be an option.
    guard !revision.hasPrefix("-"), !revision.isEmpty else { throw unknown(revision) }
    let commit = try git(
      ["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"], input: [])
    guard commit.status == 0 else {
      let inside = try git(["rev-parse", "--git-dir"], input: [])
      guard inside.status == 0 else {
        throw Failure("--since needs a git repository, and this folder is in none", status: Exit.unable)
      }
      throw unknown(revision)
    }
    let id = String(decoding: commit.output.prefix { $0 != 0x0A }, as: UTF8.self)
    let top = try git(["rev-parse", "--show-toplevel"], input: [])
    let folder = String(decoding: top.output.prefix { $0 != 0x0A }, as: UTF8.self)
    var input: [UInt8] = []
    for path in paths { input += Array("\(id):".utf8) + inRepository(path, folder) + [0x0A] }
    let answer = try git(["cat-file", "--batch"], input: input)
    guard answer.status == 0, let files = split(answer.output, count: paths.count) else {
      throw Failure("git could not read the files of `\(revision)`", status: Exit.unable)
    }
    return files
  }

  private static func unknown(_ revision: String) -> Failure {
    Failure("git knows no revision `\(revision)`", status: Exit.unable)
  }

  /// A path as git takes it behind `REV:`: from the top of the repository, or from the current folder.
  private static func inRepository(_ path: [UInt8], _ top: String) -> [UInt8] {
    // git reads a line a name, so one with a line end in it cannot be asked for; it counts as new.
    guard !path.contains(0x0A) else { return [] }
    guard path.first == 0x2F else { return Array("./".utf8) + path }
    guard let full = resolvedPath(path) else { return path }
    let prefix = Array((top + "/").utf8)
    return full.starts(with: prefix) ? Array(full.dropFirst(prefix.count)) : full
  }

  /// Takes the answer of `cat-file --batch` apart: `ID blob SIZE`, the bytes and a line end, or `NAME missing`.
  private static func split(_ bytes: [UInt8], count: Int) -> [[UInt8]?]? {
    var files: [[UInt8]?] = []
    var rest = bytes[...]
    while files.count < count {
      guard let end = rest.firstIndex(of: 0x0A) else { return nil }
      let head = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
      rest = rest[(end + 1)...]
      guard head.count == 3, head[1] == "blob" || head[1] == "tree" || head[1] == "commit",
        let size = Int(head[2])
      else {
        files.append(nil)
        continue
      }
      guard size >= 0, rest.count > size else { return nil }
      files.append(head[1] == "blob" ? Array(rest.prefix(size)) : nil)
      rest = rest.dropFirst(size + 1)
    }
    return files
  }

  /// Runs git, with its messages on standard error.
  private static func git(_ arguments: [String], input: [UInt8]) throws(Failure) -> (
    status: Int32, output: [UInt8]
  ) {
    // Input in a file without a name: git can read it whenever it likes, and nobody waits for anybody.
    guard let file = unsafe tmpfile() else {
      throw Failure("git cannot be asked: \(errorText(errno))", status: Exit.unable)
    }
    defer { unsafe fclose(file) }
    let source = unsafe fileno(file)
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else {
      throw Failure("git cannot be started: \(errorText(errno))", status: Exit.unable)
    }
    defer { close(ends[0]) }
    for descriptor in ends + [source] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    guard writeAll(source, input), lseek(source, 0, SEEK_SET) == 0 else {
      close(ends[1])
      throw Failure("git cannot be asked: \(errorText(errno))", status: Exit.unable)
    }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, source, STDIN_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    var words: [UnsafeMutablePointer<CChar>?] = unsafe []
    for word in ["git"] + arguments { unsafe words.append(strdup(word)) }
    unsafe words.append(nil)
    defer { for index in 0..<arguments.count + 1 { unsafe free(words[index]) } }
    var child: pid_t = 0
    let failure = unsafe posix_spawnp(&child, "git", &actions, nil, words, environ)
    close(ends[1])
    guard failure == 0 else {
      throw Failure("--since needs git: \(errorText(failure))", status: Exit.unable)
    }
    var output: [UInt8] = []
    while true {
      var count = 0
      let chunk = unsafe [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, initialized in
        count = unsafe read(ends[0], buffer.baseAddress, buffer.count)
        initialized = max(0, count)
      }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      output += chunk
    }
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw Failure("git is lost: \(errorText(errno))", status: Exit.unable) }
    }
    return (status & 0x7F == 0 ? (status >> 8) & 0xFF : 128, output)
  }
}
