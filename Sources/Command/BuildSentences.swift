import ArgumentParser
import Diagnostics
import DockerfileLint
import DockerfileSyntax
import FileTree
import Glibc
import ImageBuild
import ImageStore
import Isolation
import Layers
import OCIModel
import Registry
import Reports
import SourceText

/// Prints why there is no image, and gives the exit status that goes with it.
///
/// - Parameter output: the last lines of a failed command's output, which may tell which part of it has failed.
func buildFailure(_ error: BuildError, _ source: Source, output: [String] = []) -> any Error {
  switch error {
  case .invalid(let problems):
    report(problems, in: source)
    return ExitCode(Exit.failed)
  case .step(let problem):
    if let status = problem.failedStatus, problem.trigger == nil, let index = problem.instruction {
      report(problem, of: index, status, output, in: source)
    } else {
      report([problem], in: source)
    }
    return ExitCode(Exit.failed)
  case .epoch(let value): return Failure(epochSentence(.value(value)), status: Exit.unable)
  case .store(let error): return Failure(storeSentence(error), status: Exit.unable)
  case .file(let error): return Failure(fileSentence(error), status: Exit.unable)
  case .isolation(let error): return Failure(isolationSentence(error), status: Exit.unable)
  case .cancelled: return ExitCode(128 + SIGINT)
  }
}

/// What went wrong, in a few words.
func buildErrorSummary(_ error: BuildError) -> String {
  switch error {
  case .invalid(let problems): "\(problems.count) problems in the Dockerfile"
  case .step(let problem): buildSentence(problem.kind, keyword: "the command").message
  case .epoch(let value): epochSentence(.value(value)).message
  case .store(let error): storeSentence(error)
  case .file(let error): fileSentence(error)
  case .isolation(let error): isolationSentence(error)
  case .cancelled: "interrupted"
  }
}

/// The whole RUN, with the command that failed underlined if that can be told.
private func report(
  _ problem: BuildProblem, of index: Int, _ status: ExitStatus, _ output: [String], in source: Source
) {
  let file = Dockerfile(parsing: source)
  guard file.instructions.indices.contains(index) else { return report([problem], in: source) }
  var finding = problem.diagnostic(in: file)
  let failed = failedCommand(
    of: file.instructions[index], in: file, status: status.shellCode, output: output)
  if let failed { finding.range = failed }
  if case .runFailed = problem.kind { finding.help = commandHelp(file.instructions[index], status) }
  writeAll(STDERR_FILENO, terminalReport(finding, in: source, within: problem.range, style: errorStyle))
}

/// Colours on a terminal.
private var errorStyle: TerminalStyle {
  TerminalStyle(isColoured: unsafe getenv("NO_COLOR") == nil && isatty(STDERR_FILENO) == 1)
}

private func report(_ problems: [BuildProblem], in source: Source) {
  let file = Dockerfile(parsing: source)
  for problem in problems {
    writeAll(STDERR_FILENO, terminalReport(problem.diagnostic(in: file), in: source, style: errorStyle))
  }
}

extension BuildProblem {
  /// The problem as a finding at its place in the Dockerfile.
  fileprivate func diagnostic(in file: Dockerfile) -> Diagnostic {
    if case .syntax(let kind) = self.kind, trigger == nil,
      let problem = file.problems.first(where: { $0.kind == kind && $0.range == range })
    {
      return problem.diagnostic(in: file)
    }
    let keyword = instruction.flatMap {
      file.instructions.indices.contains($0) ? file.instructions[$0].kind : nil
    }
    var (message, help) = buildSentence(
      self.kind, keyword: trigger == nil ? keyword?.keyword ?? "" : "ONBUILD")
    if let trigger {
      message = "in the base's `ONBUILD \(String(decoding: trigger, as: UTF8.self))`: \(message)"
    }
    return Diagnostic(DiagnosticCode("", ""), .error, message, at: range, help: help)
  }
}

/// What is wrong, and what to do.
func buildSentence(_ kind: BuildProblem.Kind, keyword: String) -> (message: String, help: String?) {
  switch kind {
  case .syntax(let kind): return kind.sentence(keyword: keyword)
  case .expansion(let error): return (expansionSentence(error), expansionHelp(error))
  case .missingArguments: return ("\(keyword) has no command", nil)
  case .blankBase(let text):
    return (
      "the base image `\(text)` comes to nothing",
      "give its variables values before the FROM, or with --build-arg"
    )
  case .invalidPlatform(let text, let error):
    return ("the platform `\(text)`: \(platformSentence(error))", nil)
  case .foreignPlatform(let wanted, let host, let reason):
    return foreignPlatformSentence(wanted, on: host, reason, keyword: keyword)
  case .unknownTarget(let name, let available):
    let list =
      available.isEmpty ? "no stage has a name" : "the stages are \(available.joined(separator: ", "))"
    let near = nearest(to: Array(name.utf8), among: available)
    let suggestion = near.map { "; did you mean `\($0.candidate)`?" } ?? ""
    return ("there is no stage `\(name)` to build\(suggestion)", list)
  case .base(let name, let error): return baseSentence(name, error)
  case .circularStage(let name): return ("the stage copies from itself: `\(name)`", nil)
  case .laterStage(let name):
    return ("the stage `\(name)` stands further down", "move it above the stage that copies from it")
  case .unknownStageNumber(let number, let count):
    return ("there is no stage \(number): they are counted from 0 to \(count - 1)", nil)
  case .invalidTrigger: return ("that is not one instruction that may stand in ONBUILD", nil)
  case .invalidPort(let text): return ("`\(text)` is no port", "write 80, 53/udp or 8000-8010")
  case .invalidSignal(let text):
    return ("`\(text)` is no signal", "write a name such as SIGTERM, or a number above 0")
  case .invalidMode(let text):
    return ("`\(text)` is no mode", "write an octal number up to 7777, or like u=rwX,go=rX")
  case .emptyVolume: return ("the volume has no path", nil)
  case .pattern(let error): return (patternSentence(error), nil)
  case .heredocName(let name):
    return ("the here-document `\(name)` cannot become a file: a file name has no slash", nil)
  case .mount(let error): return error.sentence
  case .invalidNetwork(let text): return ("there is no network `\(text)`", "write default, host or none")
  case .checksumOfLocalSource:
    return ("--checksum is for URLs, and the source is a local file", "remove the flag")
  case .checksumOfSeveralSources, .invalidChecksum, .gitReference, .download, .repository, .wrongChecksum,
    .noFileName:
    return remoteSentence(kind)
  case .remoteSourceInCopy(let text): return ("COPY takes no URL: \(text)", "ADD does")
  case .namesWithLink(let text): return ("with --link, --chown takes numbers only, not `\(text)`", nil)
  case .epoch(let problem): return epochSentence(problem)
  case .unsupported(let unsupported): return unsupportedSentence(unsupported)
  default: return stepSentence(kind, keyword: keyword)
  }
}

private func baseSentence(_ name: String, _ error: BaseImageError) -> (message: String, help: String?) {
  switch error {
  case .reference(let error): return ("the base image `\(name)`: \(referenceSentence(error))", nil)
  case .notFound:
    return (
      "there is no image `\(name)` in the local store",
      "bring it in with `slipway pull \(name)` or `slipway load -i FILE -t \(name)`"
    )
  case .notInArchive(let place, let available):
    return (
      "there is no image\(place.name.map { " `\($0)`" } ?? "") in `\(place.path)`",
      available.isEmpty
        ? "its images have no names: write `@` and a digest, or nothing for the only one"
        : "there are \(available.map { "`\($0)`" }.joined(separator: ", "))"
    )
  case .registry(let error):
    let (message, help) = registrySentence(error)
    return ("the base image `\(name)` cannot be pulled: \(message)", help)
  case .ambiguous(let count):
    return ("`\(name)` holds \(count) images", "say which one: PATH:TAG or PATH@DIGEST")
  case .store(let error): return ("the base image `\(name)`: \(storeSentence(error))", storeHelp(error))
  case .folder(let path, let error):
    let reason =
      switch error {
      case .file(let error): fileSentence(error)
      case .layer(let error): layerSentence(error)
      case nil: "\(path) cannot be read"
      }
    return ("the context `\(name)`: \(reason)", nil)
  }
}

private func unsupportedSentence(_ unsupported: BuildProblem.Unsupported) -> (message: String, help: String?)
{
  switch unsupported {
  case .frontend(let name):
    (
      "the frontend `\(name)` cannot be used: slipway reads Dockerfiles itself",
      "remove the line, or name docker/dockerfile if the file is in docker's own language"
    )
  case .flag(let name): ("--\(name) is not supported yet", nil)
  case .security(let text):
    (
      "--security=\(text) would give a command more rights than slipway has",
      "leave it out: sandbox is what every RUN has"
    )
  case .windowsLayer:
    (
      "the base is an image of Windows, and slipway writes layers in Linux's form alone",
      "change its configuration only (ENV, CMD, LABEL …), or start FROM scratch"
    )
  case .device:
    ("--device would hand a device of this machine to the command, which slipway does not do", nil)
  }
}

/// What stopped a step.
private func stepSentence(_ kind: BuildProblem.Kind, keyword: String) -> (message: String, help: String?) {
  switch kind {
  case .sourceNotFound(let path, let isIgnored):
    let name = path.isEmpty ? "." : path.description
    if isIgnored {
      return (
        "`\(name)` is left out of the context by .dockerignore",
        "write `!\(name)` behind the line that leaves it out, or remove that line"
      )
    }
    return ("there is no `\(name)` to \(keyword == "RUN" ? "mount" : "copy")", missingSourceHelp(path))
  case .destinationNotFolder(let path):
    return ("`\(path)` is a file in the image, and has to be a folder", nil)
  case .severalSources(let path):
    return ("several files cannot all become `\(path)`", "end the destination with a slash")
  case .owner(let error): return ("--chown: \(userSentence(error))", nil)
  case .user(let error): return (userSentence(error), nil)
  case .copy(let error): return (copySentence(error), copyHelp(error))
  case .file(let error): return (fileSentence(error), nil)
  case .layer(let error): return (layerSentence(error), nil)
  case .store(let error): return (storeSentence(error), storeHelp(error))
  case .isolation(let error):
    return ("\(keyword) could not run: \(isolationSentence(error))", isolationHelp(error))
  case .missingSecret, .secretFile, .secretWithNUL, .missingAgent: return mountSentence(kind)
  case .runFailed(let status): return (statusSentence(status, keyword: keyword), nil)
  case .outOfMemory(let status, let limit): return outOfMemorySentence(status, limit, keyword: keyword)
  default: return ("\(kind)", nil)
  }
}

/// How a command has ended.
func statusSentence(_ status: ExitStatus, keyword: String) -> String {
  switch status {
  case .exited(let code): "\(keyword) exited with \(code)"
  case .signaled(let number): "\(keyword) was killed by signal \(number) (status \(status.shellCode))"
  case .notStarted(let code, let number):
    code == 127
      ? "\(keyword) found no such command (status 127)"
      : "\(keyword) could not execute the command: \(errorText(number)) (status \(code))"
  }
}

func expansionSentence(_ error: ExpansionError) -> String {
  switch error {
  case .unterminatedQuote: "a quote has no end"
  case .missingBrace: "a `${` has no `}`"
  case .badSubstitution: "a `${` has no name behind it"
  case .unsupportedModifier(let text): "`\(text)` is no modifier of a variable that a Dockerfile knows"
  case .missingSlash: "the replacement is missing: write ${name/pattern/replacement}"
  case .nestedTooDeep: "variables are nested too deep"
  case .invalidPatternEscape(let text): "`\\\(text)` has no meaning in a pattern"
  case .required(let name, let message): "\(name): \(message)"
  }
}

func platformSentence(_ error: PlatformError) -> String {
  switch error {
  case .invalidComponent(let part, _): "`\(part)` is no name of a system or architecture"
  case .unknown(let name): "`\(name)` is neither a system nor an architecture"
  case .tooManyComponents: "write os/architecture or os/architecture/variant"
  }
}

func patternSentence(_ error: PatternError) -> String {
  switch error {
  case .malformed(let pattern): "the pattern `\(String(decoding: pattern, as: UTF8.self))` is malformed"
  case .emptyException: "a `!` stands alone: write behind it what it takes back, or remove it"
  }
}

func fileSentence(_ error: FileError) -> String {
  (error.path.bytes.first == 0x2F ? "" : "/")
    + "\(error.path): \(error.operation.rawValue): \(errorText(error.code))"
}

private func userSentence(_ error: UserLookupError) -> String {
  func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
  return switch error {
  case .noUserFile(let name):
    "the user `\(text(name))` needs /etc/passwd, which the image has not; write a number"
  case .noGroupFile(let name):
    "the group `\(text(name))` needs /etc/group, which the image has not; write a number"
  case .unknownUser(let name): "the image has no user `\(text(name))`"
  case .unknownGroup(let name): "the image has no group `\(text(name))`"
  case .outOfRange(let name): "`\(text(name))` is no number of a user or group"
  }
}

func copySentence(_ error: TreeCopyError) -> String {
  switch error {
  case .file(let error): fileSentence(error)
  case .folderOverFile(let path): "a folder cannot replace the file `/\(path)`"
  case .fileOverFolder(let path): "a file cannot replace the folder `/\(path)`"
  case .sizeChanged(let path, let expected, let actual):
    "`\(path)` changed while it was copied: \(actual) bytes instead of \(expected)"
  }
}

func layerSentence(_ error: LayerError) -> String {
  switch error {
  case .file(let error): fileSentence(error)
  case .archive(let path, let message): path.map { "\($0): \(message)" } ?? message
  case .sizeChanged(let path, let expected, let actual):
    "`/\(path)` changed while the layer was written: \(actual) bytes instead of \(expected)"
  case .reservedName(let path):
    "`/\(path)` cannot be in an image: names that start with `.wh.` mean a removal"
  case .unsorted(let path): "`/\(path)` is out of order"
  case .invalidPath(let path): "`\(path)` is no path for a layer"
  case .unsafePath(let path): "the archive's `\(path)` leads out of the folder that it is unpacked in"
  case .linkTarget(let path, let target): "the archive's link `\(path)` has no target `\(target)`"
  case .unsupportedMember(let path, _): "the archive's `\(path)` is of a kind that cannot be unpacked"
  case .limit(let limit, let path):
    (path.map { "`\($0)`: " } ?? "") + limitSentence(limit)
  case .wrongDiffID(let expected, let actual): "a layer has the digest \(actual) instead of \(expected)"
  case .compression(let message): "compression: \(message)"
  }
}

/// Which bound an archive passes, and how to move it.
private func limitSentence(_ limit: LayerError.Limit) -> String {
  switch limit {
  case .entries(let count): "the archive has more than \(count) entries; --limit entries=NUMBER allows more"
  case .totalBytes(let count):
    "the archive has more than \(count) bytes unpacked; --limit unpacked=BYTES allows more"
  case .pathLength(let count): "the name is longer than \(count) bytes; --limit name=BYTES allows more"
  case .attributeBytes(let count):
    "the extended attributes have more than \(count) bytes; --limit attributes=BYTES allows more"
  case .ratio(let times):
    "the archive is more than \(times) times as large as what it is packed in; --limit ratio=NUMBER allows more"
  }
}

func warningSentence(_ warning: BuildWarning) -> String {
  switch warning {
  case .unusedArgument(let name):
    "--build-arg \(String(decoding: name, as: UTF8.self)): no ARG of the Dockerfile has this name"
  case .skippedSockets(let paths):
    "sockets cannot be in an image, and are left out: " + paths.map { "/\($0)" }.joined(separator: ", ")
  case .overwritten(let path):
    "several files became `\(path)`, one after the other: end the destination with a slash to keep them all"
  case .cacheNotWritten(let error):
    "the cache could not be written, so the next build has more to do: \(storeSentence(error))"
  case .noShell(let tried):
    "there is no shell to open where the command failed: the image has none of "
      + tried.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
  case .shellNotOpened(let error):
    "no shell can be opened where the command failed: \(isolationSentence(error))"
  case .changesRootOnly:
    "namespaces are refused here: RUN changes the root directory and nothing more, and has no /proc (`slipway doctor` says why)"
  case .killedForMemory(let step, let count):
    "\(count) process\(count == 1 ? "" : "es") of `\(step)` had no memory left and were killed, and the command succeeded all the same: --memory allows more"
  case .platformMismatch(let image, let wanted, let actual):
    "the base image \(image) is for \(actual), and this machine is \(wanted)"
  case .drivePath(let written, let folder, let platform):
    "WORKDIR \(written): an image for \(platform) has no drives, and the folder is `\(folder)`: write a path that starts with a slash"
  }
}
