import Glibc

/// Why a repository could not be brought.
package enum GitError: Error, Hashable, Sendable {
  /// There is no git on this machine.
  case noGit
  /// git could not be started; `errno`.
  case start(Int32)
  /// git failed; the last line that it wrote.
  case failed(command: String, message: String)
  case noSuchRef(String)
  /// The commit is not the one that was asked for.
  case wrongCommit(expected: String, actual: String)
  case cancelled
}

/// Brings a state of a git repository to this machine with the `git` that is installed here.
///
/// Only http, https, ssh and git are spoken, also for submodules, and files are read only where the reference
/// names one; the settings of the user and the system do not count, so that everybody gets the same files.
package struct GitCheckout: Sendable {
  package let reference: GitReference
  /// The absolute path of a folder that does not exist yet.
  package let folder: String
  /// The absolute path of a folder for what git writes.
  package let scratch: String
  /// Readable once the work is to be given up; -1 for none.
  package let cancel: CInt

  package init(_ reference: GitReference, to folder: String, scratch: String, cancel: CInt = -1) {
    self.reference = reference
    self.folder = folder
    self.scratch = scratch
    self.cancel = cancel
  }

  /// What the remote has under a name.
  private struct Target {
    var ref: String
    var commit: String
    /// The commit behind an annotated tag.
    var peeled: String?
  }

  /// A commit that was checked out.
  package struct Commit: Hashable, Sendable {
    package var name: String
    /// When it was committed, in seconds since 1970.
    package var time: Int64
  }

  /// Fetches and checks out. Blocks.
  package func run() throws(GitError) -> Commit {
    let target = try resolve()
    try check(target)
    try git(["init", "-q", "--template=", "--", folder])
    try inside(["remote", "add", "origin", reference.remote])
    let commit = try fetch(target)
    try inside(["checkout", "-q", "--detach", commit])
    // Whoever keeps `.git` can ask git for the name of the tag or branch.
    if target.ref.hasPrefix("refs/") { try inside(["update-ref", target.ref, "FETCH_HEAD"]) }
    let hasModules = unsafe access(folder + "/.gitmodules", F_OK) == 0
    if reference.takesSubmodules, hasModules { try fetchSubmodules() }
    try clean()
    let time = try inside(["log", "-1", "--format=%ct", commit, "--"]).prefix { $0 != "\n" }
    return Commit(name: commit, time: Int64(time) ?? 0)
  }

  /// The name of the commit that would be checked out; no file is fetched. Blocks.
  package func commit() throws(GitError) -> String {
    let target = try resolve()
    try check(target)
    return target.peeled ?? target.commit
  }

  private func resolve() throws(GitError) -> Target {
    let name = reference.ref ?? "HEAD"
    if GitReference.isCommit(name) { return Target(ref: name, commit: name.lowercased()) }
    let answer = try git(["ls-remote", "--", reference.remote, name, name + "^{}"])
    var found: [String: String] = [:]
    for line in answer.split(separator: "\n") {
      let parts = line.split(separator: "\t", maxSplits: 1)
      if parts.count == 2 { found[String(parts[1])] = String(parts[0]) }
    }
    // As git's own checkout: a branch comes before a tag.
    let candidates =
      name == "HEAD"
      ? [name]
      : [name.hasPrefix("refs/") ? name : "refs/" + name]
        + ["refs/heads/", "refs/tags/"].map { name.hasPrefix($0) ? name : $0 + name }
    for candidate in candidates {
      guard let commit = found[candidate] else { continue }
      return Target(ref: candidate, commit: commit, peeled: found[candidate + "^{}"])
    }
    throw .noSuchRef(name)
  }

  private func check(_ target: Target) throws(GitError) {
    guard let expected = reference.commit?.lowercased() else { return }
    let matches = [target.commit, target.peeled ?? ""].contains { $0.hasPrefix(expected) }
    guard matches else { throw .wrongCommit(expected: expected, actual: target.peeled ?? target.commit) }
  }

  /// Fetches as little as the server lets us.
  private func fetch(_ target: Target) throws(GitError) -> String {
    let shallow = ["fetch", "-q", "--no-tags", "--depth=1", "--", "origin", target.ref]
    do throws(GitError) {
      try inside(shallow)
    } catch .failed {
      // A server of plain files knows no depth, and others give no commit by its name.
      let refs = GitReference.isCommit(target.ref) ? "+refs/*:refs/slipway/*" : target.ref
      try inside(["fetch", "-q", "--no-tags", "--", "origin", refs])
    }
    let name = GitReference.isCommit(target.ref) ? target.ref : "FETCH_HEAD"
    let commit = try inside(["rev-parse", "--verify", "-q", name + "^{commit}"])
    let text = String(commit.prefix { $0 != "\n" })
    // The remote may have moved on since it was asked.
    let isSame = text == target.commit || text == target.peeled || target.peeled == nil && isTag(target, text)
    guard isSame || reference.commit.map({ text.hasPrefix($0.lowercased()) }) != false else {
      throw .wrongCommit(expected: reference.commit ?? target.commit, actual: text)
    }
    return text
  }

  private func fetchSubmodules() throws(GitError) {
    let update = ["submodule", "update", "-q", "--init", "--recursive"]
    do throws(GitError) {
      try inside(update + ["--depth=1"])
    } catch .failed {
      // As above: a server of plain files knows no depth.
      try inside(update)
    }
  }

  /// Whether a name is that of an annotated tag, which stands for another commit.
  private func isTag(_ target: Target, _ commit: String) -> Bool {
    let answer = try? inside(["rev-parse", "--verify", "-q", target.commit + "^{commit}"])
    return answer.map { $0.hasPrefix(commit) } ?? false
  }

  /// Leaves nothing in `.git` that differs from one time to the next, and no password.
  private func clean() throws(GitError) {
    try inside(["remote", "set-url", "origin", reference.remote.withoutCredentials])
    // As in every repository that somebody works in; here nothing was to be logged yet.
    try inside(["config", "core.logallrefupdates", "true"])
    // An index holds the times of the files.
    _ = unsafe unlink(folder + "/.git/index")
    try inside(["read-tree", "HEAD"])
    _ = unsafe unlink(folder + "/.git/FETCH_HEAD")
  }

  @discardableResult
  private func inside(_ arguments: [String]) throws(GitError) -> String {
    try git(["-C", folder] + arguments)
  }

  @discardableResult
  private func git(_ arguments: [String]) throws(GitError) -> String {
    var settings = ["core.logAllRefUpdates=false", "core.hooksPath=/dev/null", "core.autocrlf=false"]
    settings += ["advice.detachedHead=false", "gc.auto=0", "init.defaultBranch=main", "safe.directory=*"]
    // Of a user's own words only: a submodule reads no file of this machine.
    settings += ["protocol.allow=never", "protocol.file.allow=\(reference.isFile ? "user" : "never")"]
    settings += ["http", "https", "ssh", "git"].map { "protocol.\($0).allow=always" }
    let process = ChildProcess(
      arguments: ["git"] + settings.flatMap { ["-c", $0] } + arguments, environment: Self.environment(),
      scratch: scratch,
      cancel: cancel)
    let result: ChildProcess.Result
    do throws(ChildProcess.Failure) {
      result = try process.run()
    } catch {
      switch error {
      case .start(ENOENT): throw .noGit
      case .start(let code): throw .start(code)
      case .cancelled: throw .cancelled
      }
    }
    guard result.status == 0 else {
      let command = arguments.first == "-C" ? arguments[2] : arguments[0]
      let lines = String(decoding: result.error, as: UTF8.self).split(separator: "\n")
      let words = lines.last { $0.hasPrefix("fatal: ") || $0.hasPrefix("error: ") } ?? lines.last ?? ""
      var message = String(words)
      let (secret, shown) = (reference.remote, reference.remote.withoutCredentials)
      if secret != shown { message = message.split(separator: secret).joined(separator: shown) }
      throw .failed(command: command, message: message)
    }
    return String(decoding: result.output, as: UTF8.self)
  }

  private static func environment() -> [String] {
    var variables = ChildProcess.inherited().filter { !$0.hasPrefix("GIT_") && !$0.hasPrefix("LC_ALL=") }
    var ssh = "ssh -o BatchMode=yes"
    // In a user namespace ssh takes the user for root, whose folder is another.
    if let home = variables.first(where: { $0.hasPrefix("HOME=") })?.dropFirst(5), !home.contains("'") {
      ssh += " -o 'UserKnownHostsFile=\(home)/.ssh/known_hosts'"
    }
    variables += [
      "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
      "GIT_SSH_COMMAND=\(ssh)",
    ]
    return variables
  }
}
