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
    let id = String(decoding: commit.bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    let top = try git(["rev-parse", "--show-toplevel"], input: [])
    let folder = String(decoding: top.bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    var input: [UInt8] = []
    for path in paths { input += Array("\(id):".utf8) + inRepository(path, folder) + [0x0A] }
    let answer = try git(["cat-file", "--batch"], input: input)
    guard answer.status == 0, let files = split(answer.bytes, count: paths.count) else {
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

  /// Runs git.
  private static func git(_ arguments: [String], input: [UInt8]) throws(Failure) -> ProgramOutput {
    do throws(ProgramOutput.Problem) {
      return try ProgramOutput(of: ["git"] + arguments, input: input)
    } catch {
      throw Failure("--since needs git: \(errorText(error.number))", status: Exit.unable)
    }
  }
}
