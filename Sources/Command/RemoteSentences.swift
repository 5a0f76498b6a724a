import Download
import ImageBuild

/// What is wrong with a source of ADD that is elsewhere.
func remoteSentence(_ kind: BuildProblem.Kind) -> (message: String, help: String?) {
  switch kind {
  case .download(let url, let error): downloadSentence(url, error)
  case .repository(let url, let error): gitSentence(url, error)
  case .gitReference(let url, let error): gitReferenceSentence(url, error)
  case .wrongChecksum(let url, let expected, let actual):
    (
      "\(url) has the checksum \(actual), and \(expected) is wanted",
      "the file is another one than when the line was written: see why before the line is changed"
    )
  case .invalidChecksum(let text):
    (
      "`\(text)` is no checksum", "write sha256: and 64 hexadecimal digits; of a git repository, the commit"
    )
  case .checksumOfSeveralSources: ("--checksum is for one source", "write an ADD for each source")
  case .noFileName(let url):
    (
      "\(url) does not say what the file is called",
      "name the file in the destination, without a slash at its end"
    )
  default: ("\(kind)", nil)
  }
}

private func downloadSentence(_ url: String, _ error: DownloadError) -> (message: String, help: String?) {
  switch error {
  case .noLibrary(let reason):
    (
      "\(url) cannot be fetched: libcurl is not here (\(reason))",
      "install libcurl (Debian: libcurl4), or put the file into the context"
    )
  case .failed(_, let message): ("\(url) cannot be fetched: \(message)", nil)
  case .status(let status):
    ("\(url) cannot be fetched: the server answers \(status)\(statusWord(status))", nil)
  case .tooLarge(let limit): ("\(url) has more than \(limit >> 20) MiB", nil)
  case .write(let code): ("\(url) cannot be kept: \(errorText(code))", nil)
  case .invalidURL: ("\(url) is no URL: it has a blank or a control character in it", "write %20 for a blank")
  case .cancelled: ("\(url) was not fetched: interrupted", nil)
  }
}

private func statusWord(_ status: Int) -> String {
  switch status {
  case 401: ", it wants a name and a password"
  case 403: ", access is forbidden"
  case 404: ", there is no such file"
  case 429: ", too many requests"
  case 500...: ", it has a fault"
  default: ""
  }
}

private func gitSentence(_ url: String, _ error: GitError) -> (message: String, help: String?) {
  switch error {
  case .noGit: ("\(url) needs git, which is not installed here", "install git, or clone it into the context")
  case .start(let code): ("git could not be started: \(errorText(code))", nil)
  case .failed(let command, let message): ("git \(command) of \(url) failed: \(message)", nil)
  case .noSuchRef(let name):
    (
      "\(url) has no branch, tag or commit `\(name)`",
      GitReference.isHexadecimal(name) ? "of a commit the whole name is needed: 40 or 64 digits" : nil
    )
  case .wrongCommit(let expected, let actual):
    (
      "\(url) has the commit \(actual), and \(expected) is wanted",
      "the branch or tag has moved, or was another one: see why before the commit is changed"
    )
  case .cancelled: ("\(url) was not fetched: interrupted", nil)
  }
}

private func gitReferenceSentence(
  _ url: String, _ error: GitReference.Failure
) -> (message: String, help: String?) {
  switch error {
  case .query(let field):
    (
      "`\(field)` in \(url) means nothing, or has a value that does not fit",
      "there are ref, branch, tag, subdir, commit, keep-git-dir and submodules"
    )
  case .conflict(let field):
    ("\(url) and its flags give two different values for `\(field)`", "leave one of them out")
  case .invalidRef(let name): ("\(url): `\(name)` is no name of a branch, tag or commit", nil)
  }
}

extension Failure {
  /// A sentence and what to do, in one line.
  init(_ sentence: (message: String, help: String?), status: Int32) {
    self.init(sentence.message + (sentence.help.map { "; " + $0 } ?? ""), status: status)
  }
}
