import DockerfileSyntax
import FileTree
import ImageBuild
import Isolation

// What to do about problems of a build, where the sentence alone does not say it.

/// What may help with a command that has failed.
func commandHelp(_ instruction: Instruction, _ status: ExitStatus) -> String? {
  guard case .run(let run) = instruction.details else { return nil }
  if case .shell(let text) = run.command {
    if [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(where: {
      text.bytes.starts(with: [UInt8(ascii: "["), $0])
    }) {
      return "what follows RUN is no list in JSON, so the shell got it as it is: see its quotes and commas"
    }
    if case .notStarted(127, _) = status {
      return
        "the shell is not in the image: start from an image that has one, or write a list: RUN [\"program\", \"argument\"]"
    }
  } else if case .notStarted(127, _) = status {
    return "a list names a program of the image, in PATH or by its path, and no command of a shell"
  }
  return nil
}

/// What is wrong with SOURCE_DATE_EPOCH.
func epochSentence(_ problem: EpochProblem) -> (message: String, help: String?) {
  let sources =
    "a stage for SOURCE_DATE_EPOCH has FROM scratch, ARG, and one ADD of one URL or git repository"
  return switch problem {
  case .value(let text):
    (
      "SOURCE_DATE_EPOCH cannot be `\(text)`",
      "write the seconds since 1970, `context`, or the name of a --build-context or of a stage that adds a URL"
    )
  case .base: ("SOURCE_DATE_EPOCH names this stage, which is not FROM scratch", sources)
  case .instruction: ("SOURCE_DATE_EPOCH names this stage, which does more than add a file", sources)
  case .noAddition: ("SOURCE_DATE_EPOCH names this stage, which adds nothing", sources)
  case .severalAdditions: ("SOURCE_DATE_EPOCH names this stage, which adds more than one thing", sources)
  case .localAddition:
    ("SOURCE_DATE_EPOCH names this stage, which adds a file that has no time of its own", sources)
  }
}

/// What may help with a source that is not there.
func missingSourceHelp(_ path: BytePath) -> String {
  if path.components.contains(Array(".git".utf8)[...]) {
    return
      "of a repository, .git stays with ADD --keep-git-dir, and in the context with --build-arg BUILDKIT_CONTEXT_KEEP_GIT_DIR=1"
  }
  return "the path starts in the context, or with `from` in the root of what that names"
}

func copyHelp(_ error: TreeCopyError) -> String? {
  switch error {
  case .folderOverFile, .fileOverFolder:
    "copy to another place, or remove what is there with a RUN before"
  case .sizeChanged: "build again when nothing writes to it"
  case .file: nil
  }
}

func expansionHelp(_ error: ExpansionError) -> String? {
  switch error {
  case .unterminatedQuote:
    "close it, or write the escape character before it if it is a letter; between single quotes that is a letter too"
  case .missingBrace, .badSubstitution: "write ${NAME}, or \\$ for a dollar sign"
  case .unsupportedModifier:
    "there are :-, :+, :?, #, ##, %, %%, / and //; what else a shell can do works in RUN"
  case .required(let name, _): "give \(name) a value: with --build-arg, or in an ARG or ENV above"
  case .missingSlash, .nestedTooDeep, .invalidPatternEscape: nil
  }
}
