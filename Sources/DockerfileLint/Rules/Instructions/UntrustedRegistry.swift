import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3026: an image from a registry that is not trusted.
package struct UntrustedRegistry: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3026", "untrusted-registry"), .error, visits: [.from, .copy, .run, .arg, .env],
    summary: "an image from a registry that is not among the trusted ones")

  private var stages: StageNames?
  private var variables = KnownVariables()

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard !context.settings.trustedRegistries.isEmpty else { return }
    var stages = stages ?? StageNames(isStrict: context.isStrict)
    if !context.isStrict { variables.visit(instruction, context) }
    var suspects: [(image: [UInt8], range: ByteRange)] = []
    switch instruction.details {
    case .from(let from):
      if let image = from.image { suspects = [(image.bytes, image.range)] }
    case .copy:
      if let source = instruction.flag("from")?.value { suspects = [(source.bytes, source.range)] }
    case .run(let run):
      for mount in run.mounts {
        let type = mount.value("type").map { String(decoding: $0, as: UTF8.self) } ?? "bind"
        if let from = mount.value("from"), type == "bind" || type == "cache" {
          suspects.append((from, mount.range))
        }
      }
    default: return
    }
    let isFrom = instruction.kind == .from
    let untrusted = suspects.filter { !isTrusted($0.image, isFrom: isFrom, stages, context) }
    if case .from(let from) = instruction.details { stages.add(from) }
    self.stages = stages
    guard let first = untrusted.first else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .error,
        "`\(String(decoding: first.image, as: UTF8.self))` is from a registry that is not trusted",
        at: first.range, notes: untrusted.dropFirst().map { Note("so is this", at: $0.range) },
        help: "use an image from one of \(context.settings.trustedRegistries.joined(separator: ", "))"),
      at: instruction.index)
  }

  private func isTrusted(
    _ image: [UInt8], isFrom: Bool, _ stages: StageNames, _ context: LintContext
  ) -> Bool {
    let isStrict = context.isStrict
    // What a variable stands for is looked up; hadolint takes the variable itself for a name.
    let image = isStrict ? image : variables.expand(image, ofFrom: isFrom, context) ?? image
    if !isStrict {
      if stages.number(of: image) != nil { return true }
      if !isFrom, let number = Int(String(decoding: image, as: UTF8.self)), number >= 0, number < stages.count
      {
        return true
      }
    }
    let registry: ArraySlice<UInt8>?
    let name: ArraySlice<UInt8>
    if isStrict, !isFrom {
      // hadolint reads these names in a simpler way: what is before the first slash, and all of the rest.
      let slash = image.firstIndex(of: 0x2F)
      let hasRegistry = slash.map { image[..<$0].contains(0x2E) } ?? false
      registry = hasRegistry ? slash.map { image[..<$0] } : nil
      name = hasRegistry ? slash.map { image[($0 + 1)...] } ?? image[...] : image[...]
    } else {
      let parts = ImageName(image, isStrict: isStrict)
      registry = parts.registry
      name = parts.name
    }
    if isStrict, stages.number(of: name) != nil { return true }
    let patterns = context.settings.trustedRegistries
    guard let registry else {
      return name.elementsEqual("scratch".utf8) || Self.isHubTrusted(patterns)
    }
    let host = String(decoding: registry, as: UTF8.self)
    if !isStrict, host == "docker.io" || host == "index.docker.io" { return Self.isHubTrusted(patterns) }
    return patterns.contains { Self.matches($0, host) }
  }

  private static func isHubTrusted(_ patterns: [String]) -> Bool {
    patterns.contains { matches($0, "docker.io") || matches($0, "hub.docker.com") }
  }

  private static func matches(_ pattern: String, _ registry: String) -> Bool {
    if pattern.hasPrefix("*") { return registry.hasSuffix(pattern.dropFirst()) }
    if pattern.hasSuffix("*") { return registry.hasPrefix(pattern.dropLast()) }
    return registry == pattern
  }

  package static var documentation: RuleDocumentation {
    let settings = LintSettings { $0.trustedRegistries = ["registry.example.com", "localhost:5000"] }
    return RuleDocumentation(
      what: """
        An image of FROM, `COPY --from` or `RUN --mount=…,from=` whose registry is not among the trusted ones. Without \
        trusted registries in the settings nothing is flagged. Images without a registry come from `docker.io`.
        """,
      why: "Whoever runs a registry decides what the images in it do, with all rights of the build.",
      instead: "Use an image from a trusted registry, or add the registry to the settings.",
      sources: ["https://github.com/hadolint/hadolint"],
      examples: [
        .bad(
          """
          ARG BASE=registry.example.com/node:22
          FROM $BASE AS build
          FROM «debian:12»
          COPY --from=«registry.example.org/tools:1» /a /b
          COPY --from=build /a /b

          """, settings: settings),
        .good(
          """
          FROM registry.example.com/debian:12 AS base
          FROM base
          FROM scratch

          """, settings: settings),
        .good("FROM registry.example.org/debian:12\n"),
      ],
      differences: [
        HadolintDifference(
          "A registry with a port needs no dot in its name.", "FROM localhost:5000/x\n", ours: [],
          strict: [1],
          settings: settings),
        HadolintDifference(
          "The number of a stage is no image.",
          "FROM localhost.example.com/a:1\nFROM scratch\nCOPY --from=0 /a /b\n",
          ours: [1], strict: [1, 3], settings: settings),
        HadolintDifference(
          "The value of an ARG above tells where the image comes from.",
          "ARG A=registry.example.com/a:1\nFROM $A\n", ours: [], strict: [2], settings: settings),
        HadolintDifference(
          "Letter case does not count in names of stages.",
          "FROM registry.example.com/a:1 AS Build\nFROM build\n", ours: [], strict: [2], settings: settings),
      ])
  }
}
