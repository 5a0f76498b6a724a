import Diagnostics
package import DockerfileSyntax
import SourceText

/// DF002: two instructions have each other's arguments.
package struct SwappedArguments: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF002", "swapped-arguments"), .error, fix: .safe, visits: ArgumentFit.kinds + [.from],
    summary: "two instructions of a stage that have each other's arguments")

  /// The misfits of the stage that is walked.
  private var misfits: [ArgumentFit] = []

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    if instruction.kind == .from {
      closeStage(context, &findings)
    } else if let fit = context.argumentFit(of: instruction),
      fit.verdict != .fits
    {
      misfits.append(fit)
    }
  }

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    closeStage(context, &findings)
  }

  private mutating func closeStage(_ context: LintContext, _ findings: inout Findings) {
    for (first, second) in Self.pairs(misfits) { report(first, second, context, &findings) }
    misfits = []
  }

  /// Pairs the misfits of a stage: first those where neither can be built, then those where one can.
  ///
  /// A misfit is paired with the nearest one above that fits; each belongs to one pair at most.
  static func pairs(_ misfits: [ArgumentFit]) -> [(ArgumentFit, ArgumentFit)] {
    guard misfits.count > 1 else { return [] }
    struct Wish: Hashable {
      let kind: InstructionKind
      let suits: InstructionKind
      let isWrong: Bool
    }
    var paired = [Bool](repeating: false, count: misfits.count)
    var result: [(ArgumentFit, ArgumentFit)] = []
    for isCertain in [true, false] {
      // The misfits that wait for a partner, by what they are and what they should be.
      var waiting: [Wish: [Int]] = [:]
      func nearest(_ wish: Wish) -> Int? {
        while let last = waiting[wish]?.last {
          if !paired[last] { return last }
          waiting[wish]?.removeLast()
        }
        return nil
      }
      for (index, misfit) in misfits.enumerated() where !paired[index] {
        let isWrong = misfit.verdict == .wrong
        guard isWrong || !isCertain else { continue }
        let wishes = ArgumentFit.kinds.filter(misfit.suits)
        let kind = misfit.instruction.kind
        let partners = wishes.flatMap { wish in
          (isWrong ? [true, false] : [true]).compactMap {
            nearest(Wish(kind: wish, suits: kind, isWrong: $0))
          }
        }
        if let partner = partners.max() {
          paired[partner] = true
          paired[index] = true
          result.append((misfits[partner], misfit))
        } else {
          for wish in wishes {
            waiting[Wish(kind: kind, suits: wish, isWrong: isWrong), default: []].append(index)
          }
        }
      }
    }
    return result
  }

  private func report(
    _ first: ArgumentFit, _ second: ArgumentFit, _ context: LintContext, _ findings: inout Findings
  ) {
    let (one, other) = (first.instruction, second.instruction)
    let (oneKind, otherKind) = (one.kind.keyword, other.kind.keyword)
    let isCertain = first.verdict == .wrong && second.verdict == .wrong
    let fixIt = FixIt(
      "exchange \(oneKind) and \(otherKind)", isCertain ? .safe : .unsafe,
      [
        Edit(one.syntax.keyword, context.keyword(other.kind, like: one.syntax.keyword)),
        Edit(other.syntax.keyword, context.keyword(one.kind, like: other.syntax.keyword)),
      ])
    let message =
      "the arguments of \(oneKind) and \(otherKind) (line \(context.line(of: other))) \(isCertain ? "are" : "look") swapped: "
      + "\(oneKind) takes \(one.kind.takes), \(otherKind) takes \(other.kind.takes)"
    let note = Note(
      "\(second.clause ?? "this is something"), as \(oneKind) in line \(context.line(of: one)) needs",
      at: other.syntax.line)
    findings.report(
      Diagnostic(
        Self.metadata.code, .error, message, at: one.syntax.line, notes: [note],
        fixIts: [fixIt].compactMap(\.self)),
      at: one.index)
    findings.claimProblems(of: one.index)
    findings.claimProblems(of: other.index)
  }
}

extension SwappedArguments {
  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        Two instructions of one stage whose arguments cannot be meant where they stand, while each has what the other \
        one needs: paths behind EXPOSE and a port number behind COPY, for example. COPY, ADD, ENV, EXPOSE, USER, VOLUME \
        and WORKDIR are looked at, without flags and here-documents. The two need not follow each other, but an \
        instruction is never joined with one of another stage.
        """,
      why: """
        The build stops at the first of the two lines with a message on that line alone, although the mistake is made \
        of both.
        """,
      instead: "Let the arguments stand where they are and exchange the two keywords.",
      fixSafety: """
        Safe when neither of the two lines works as it stands: then nothing can get lost. When one of them could be \
        built, as `WORKDIR 8080` could, it may be meant, and the fix is unsafe.
        """,
      sources: [
        "https://docs.docker.com/reference/dockerfile/#expose",
        "https://docs.docker.com/reference/dockerfile/#copy",
      ],
      examples: [
        .bad(
          """
          FROM node:22
          WORKDIR /app
          COPY package.json .
          RUN npm install
          «EXPOSE . .»
          ‹COPY 3000›
          CMD ["npm", "run", "dev"]

          """,
          fixed: """
            FROM node:22
            WORKDIR /app
            COPY package.json .
            RUN npm install
            COPY . .
            EXPOSE 3000
            CMD ["npm", "run", "dev"]

            """),
        .bad(
          """
          FROM node:22
          «COPY 8080/tcp»
          WORKDIR /srv
          ‹EXPOSE ./src /app›

          """,
          fixed: """
            FROM node:22
            EXPOSE 8080/tcp
            WORKDIR /srv
            COPY ./src /app

            """),
        .bad(
          """
          FROM node:22
          «workdir 8080»
          ‹expose /app›

          """,
          unsafelyFixed: """
            FROM node:22
            expose 8080
            workdir /app

            """),
        .good(
          """
          FROM node:22
          ARG PORT=3000
          COPY 3000 ./
          EXPOSE $PORT

          """),
      ])
  }
}
