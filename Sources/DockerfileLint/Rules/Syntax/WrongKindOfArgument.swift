import Diagnostics
package import DockerfileSyntax
import SourceText

/// DF003: an instruction has arguments that belong to another instruction.
package struct WrongKindOfArgument: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF003", "wrong-kind-of-argument"), .error, fix: .safe,
    visits: ArgumentFit.kinds + [.from],
    summary: "arguments that belong to another instruction: a path as a port, a port as a path")

  private var misfits: [ArgumentFit] = []

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    if instruction.kind == .from {
      closeStage(context, &findings)
      return
    }
    if let comment = trailingComment(of: instruction) {
      findings.report(
        Diagnostic(
          Self.metadata.code, .error, "EXPOSE takes port numbers; `#` starts no comment here",
          at: comment, help: "give the comment a line of its own above"),
        at: instruction.index)
    } else if let fit = context.argumentFit(of: instruction),
      fit.verdict != .fits
    {
      misfits.append(fit)
    }
  }

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    closeStage(context, &findings)
  }

  /// Reports the misfits that ``SwappedArguments`` finds no partner for.
  private mutating func closeStage(_ context: LintContext, _ findings: inout Findings) {
    let swapped = Set(
      SwappedArguments.pairs(misfits).flatMap { [$0.0.instruction.index, $0.1.instruction.index] })
    for misfit in misfits where !swapped.contains(misfit.instruction.index) {
      report(misfit, context, &findings)
    }
    misfits = []
  }

  private func report(_ misfit: ArgumentFit, _ context: LintContext, _ findings: inout Findings) {
    let instruction = misfit.instruction
    let keyword = instruction.kind.keyword
    let subject =
      misfit.clause.map { "but \($0)" }
      ?? "which `\(String(context.dockerfile.source.text(in: misfit.range).prefix(40)))` is not"
    let isWrong = misfit.verdict == .wrong
    var fixIts: [FixIt] = []
    var help: String?
    if let better = better(misfit) {
      // What else could a single argument of COPY with a port and its protocol be?
      let isSafe =
        isWrong && better == .expose && instruction.kind != .user && instruction.kind != .env
        && misfit.shapes == [.port(hasProtocol: true)]
      let replacement = context.keyword(better, like: instruction.syntax.keyword)
      let fixIt = FixIt(
        "write \(replacement) instead of \(keyword)", isSafe ? .safe : .unsafe,
        [Edit(instruction.syntax.keyword, replacement)])
      fixIts = [fixIt].compactMap(\.self)
    } else if instruction.kind == .expose {
      help = "write the number of the port that the program listens on, like `EXPOSE 3000`"
    }
    if instruction.kind == .user {
      help = "users and groups are names like `app` or numbers; a home folder is for WORKDIR"
    }
    findings.report(
      Diagnostic(
        Self.metadata.code, isWrong ? .error : .warning,
        "\(keyword) takes \(instruction.kind.takes), \(subject)", at: misfit.range, help: help,
        fixIts: fixIts),
      at: instruction.index)
    findings.claimProblems(of: instruction.index)
  }

  /// The instruction whose arguments these most likely are.
  private func better(_ misfit: ArgumentFit) -> InstructionKind? {
    [.expose, .copy, .env, .workdir].first { kind in
      guard misfit.suits(kind) else { return false }
      // `ADD . .` in place of `COPY 3000` would be no better.
      return kind != .copy || misfit.instruction.kind == .expose
    }
  }

  /// Where words that were meant as a comment stand behind the ports of EXPOSE.
  private func trailingComment(of instruction: Instruction) -> ByteRange? {
    guard case .expose(let words) = instruction.details, let last = words.last,
      let first = words.first(where: { $0.bytes.first == 0x23 }), first != words.first
    else { return nil }
    return first.range.union(last.range)
  }
}

extension WrongKindOfArgument {
  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        EXPOSE with a path or a name, COPY and ADD with nothing but port numbers, WORKDIR and VOLUME with a port number \
        or `NAME=value`, USER with a path, ENV with a path in place of the name. What can be built but looks like \
        another instruction's is a warning, everything else an error. Arguments with variables are left alone.
        """,
      why: """
        Some of these stop the build with a message that assumes you know the instruction; others build, and leave a \
        folder named 8080 or a user that nothing can run as.
        """,
      instead: "Use the instruction that takes such arguments, or the arguments that the instruction takes.",
      fixSafety: """
        Safe for COPY or ADD with a single port and its protocol, like `COPY 8080/tcp`, which can only be meant as \
        EXPOSE. Otherwise unsafe: `COPY 3000` may lack its destination, and `WORKDIR 8080` may be meant.
        """,
      sources: ["https://docs.docker.com/reference/dockerfile/"],
      examples: [
        .bad(
          """
          FROM node:22
          EXPOSE «/app»
          EXPOSE 3000 «# web»

          """,
          unsafelyFixed: """
            FROM node:22
            WORKDIR /app
            EXPOSE 3000 # web

            """),
        .bad(
          """
          FROM node:22
          COPY «8080/tcp»

          """,
          fixed: """
            FROM node:22
            EXPOSE 8080/tcp

            """),
        .bad(
          """
          FROM node:22
          COPY «3000»
          EXPOSE «node:22»
          USER «3000/tcp»
          VOLUME «9000»
          ENV «8080»
          WORKDIR «NODE_ENV=production»

          """,
          unsafelyFixed: """
            FROM node:22
            EXPOSE 3000
            EXPOSE node:22
            EXPOSE 3000/tcp
            EXPOSE 9000
            EXPOSE 8080
            ENV NODE_ENV=production

            """),
        .bad(
          """
          FROM node:22
          USER «/home/node»
          ENV «/app»
          EXPOSE «./src /app»

          """,
          unsafelyFixed: """
            FROM node:22
            WORKDIR /home/node
            WORKDIR /app
            COPY ./src /app

            """),
        .good(
          """
          FROM node:22
          ARG PORT=3000
          WORKDIR /app
          COPY 3000 ./
          ADD https://example.com/file.tar.gz .
          EXPOSE $PORT 8080/tcp 7000-7010/udp
          VOLUME /data cache
          USER 1000:1000

          """),
      ])
  }
}
