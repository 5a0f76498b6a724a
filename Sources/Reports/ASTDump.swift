import DockerfileSyntax
import SourceText

/// Dumps of a Dockerfile's syntax tree and meaning: for people, for programs, for pull requests.
package enum ASTDump {
  /// What a dump holds beside the nodes.
  package struct Options: Sendable {
    /// Whether each token of the file is listed, trivia included.
    package var includesTokens: Bool

    package init(includesTokens: Bool = false) { self.includesTokens = includesTokens }
  }
}

// MARK: Names

extension InstructionKind {
  /// The name in dumps: the keyword in small letters, `unknown` for what is none.
  var dumpName: String { self == .unknown ? "unknown" : keyword.lowercased() }
}

extension VariableReference.Modifier {
  /// The modifier's operator as it is written; nil without one.
  var dumpOperator: String? {
    switch self {
    case .none: nil
    case .defaultValue(_, let emptyIsUnset): emptyIsUnset ? ":-" : "-"
    case .alternative(_, let emptyIsUnset): emptyIsUnset ? ":+" : "+"
    case .required(_, let emptyIsUnset): emptyIsUnset ? ":?" : "?"
    case .removePrefix(_, let longest): longest ? "##" : "#"
    case .removeSuffix(_, let longest): longest ? "%%" : "%"
    case .replace(_, _, let all): all ? "//" : "/"
    }
  }
}

extension Problem.Kind {
  /// The stable name of the kind in JSON.
  var dumpName: String {
    switch self {
    case .syntax(let kind): kind.dumpName
    case .unknownInstruction: "unknown-instruction"
    case .unknownFlag: "unknown-flag"
    case .duplicateFlag: "duplicate-flag"
    case .missingFlagValue: "missing-flag-value"
    case .invalidBoolean: "invalid-boolean"
    case .invalidFlagValue: "invalid-flag-value"
    case .invalidDuration: "invalid-duration"
    case .invalidRetries: "invalid-retries"
    case .missingArguments: "missing-arguments"
    case .missingDestination: "missing-destination"
    case .fromArguments: "from-arguments"
    case .invalidStageName: "invalid-stage-name"
    case .blankName: "blank-name"
    case .heredocDestination: "heredoc-destination"
    case .shellForm: "shell-form"
    case .unknownHealthcheckType: "unknown-healthcheck-type"
    case .healthcheckNoneArguments: "healthcheck-none-arguments"
    case .missingHealthcheckCommand: "missing-healthcheck-command"
    case .invalidTrigger: "invalid-trigger"
    case .emptyVolume: "empty-volume"
    case .mount: "invalid-mount"
    case .variableInFrom: "variable-in-from"
    case .beforeFrom: "before-from"
    case .noStage: "no-stage"
    }
  }
}

extension SyntaxError.Kind {
  fileprivate var dumpName: String {
    switch self {
    case .noInstructions: "no-instructions"
    case .duplicateDirective: "duplicate-directive"
    case .invalidEscape: "invalid-escape"
    case .missingValue: "missing-value"
    case .missingEquals: "missing-equals"
    case .execFormNotStrings: "exec-form-not-strings"
    case .unterminatedHeredoc: "unterminated-heredoc"
    case .invalidHeredocWord: "invalid-heredoc-word"
    case .nestedTooDeep: "nested-too-deep"
    }
  }
}

// MARK: Words

extension Dockerfile {
  /// Whether variables are replaced when the instruction is read, so that its words are dumped as templates.
  func expands(_ kind: InstructionKind) -> Bool {
    switch kind {
    case .run, .cmd, .entrypoint, .healthcheck, .shell, .maintainer, .onbuild, .unknown: false
    default: true
    }
  }

  /// The arguments of an instruction as words: strings of the exec form decoded, all others as the grammar reads them.
  func words(of node: InstructionSyntax) -> [Word] {
    tree.arguments(of: node).enumerated().map { position, argument in
      let isExec = node.form == .exec && (node.kind != .healthcheck || position > 0)
      return tree.word(argument, isExec: isExec)
    }
  }
}
