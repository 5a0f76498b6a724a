import Diagnostics
import DockerfileLint
import JSONText
import SourceText

/// SARIF 2.1.0: one run, the rules that were met with all that is known of them, exact regions, and fixes.
///
/// Columns count Unicode code points (`columnKind`), so that readers need not know UTF-8. hadolint's shape has no rules, no
/// fixes and no columns.
func lintSARIFReport(_ files: [LintedFile], _ options: LintReportOptions) -> [UInt8] {
  // In SARIF a result names its rule by its index too.
  let ids = Set(files.flatMap { $0.findings.map(\.code.id) }).sorted()
  let indices = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
  var writer = JSONWriter()
  writer.object { log in
    log.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
    log.member("runs") { writer in
      writer.array { runs in
        runs.object { run in
          run.member("columnKind", "unicodeCodePoints")
          run.member("defaultSourceLanguage", "dockerfile")
          run.member("results") { writer in
            writer.array { results in
              for file in files where !file.findings.isEmpty {
                let places = SARIFPlaces(file.source)
                let fingerprints = fingerprints(of: file, path: file.source.name, options)
                for (finding, fingerprint) in zip(file.findings, fingerprints) {
                  results.result(finding, places, indices[finding.code.id] ?? 0, fingerprint)
                }
              }
            }
          }
          run.member("tool") { $0.object { $0.member("driver") { $0.driver(ids, options.version) } } }
        }
      }
    }
    log.member("version", "2.1.0")
  }
  writer.newline()
  return writer.bytes
}

/// Where to read about a rule; nil when there is no page for it.
package func ruleURL(_ id: String) -> String? {
  switch RulePage(id) {
  case nil: return nil
  case .hadolint: return "https://github.com/hadolint/hadolint/wiki/" + id
  case .shellCheck: return "https://www.shellcheck.net/wiki/" + id
  case .buildKit: return buildKitPages[id]
  }
}

/// The pages of BuildKit's checks by id; looked up, because a check is often found many times.
private let buildKitPages: [String: String] = {
  var pages: [String: String] = [:]
  for rule in RuleRegistry.all {
    let data = rule.metadata
    for id in [data.buildkit, data.code.id] {
      guard let id, !["DL", "SC", "DF"].contains(where: id.hasPrefix) else { continue }
      var url = Array("https://docs.docker.com/go/dockerfile/rule/".utf8)
      for (index, byte) in id.utf8.enumerated() {
        if index > 0, byte != byte.asciiLowercased { url.append(UInt8(ascii: "-")) }
        url.append(byte.asciiLowercased)
      }
      url.append(UInt8(ascii: "/"))
      pages[id] = String(decoding: url, as: UTF8.self)
    }
  }
  return pages
}()

/// Who has a page about a rule.
enum RulePage {
  case hadolint, shellCheck, buildKit

  /// nil when nobody has.
  init?(_ id: String) {
    let start = (id.utf8.first, id.utf8.dropFirst().first)
    switch start {
    case (UInt8(ascii: "D"), UInt8(ascii: "L")): self = .hadolint
    case (UInt8(ascii: "S"), UInt8(ascii: "C")): self = .shellCheck
    case (UInt8(ascii: "D"), UInt8(ascii: "F")): return nil
    default:
      guard buildKitPages[id] != nil else { return nil }
      self = .buildKit
    }
  }
}

/// A file's places as SARIF counts them.
private struct SARIFPlaces {
  let source: Source
  let lines: LineIndex
  let uri: String

  init(_ source: Source) {
    self.source = source
    lines = LineIndex(source)
    uri = uriReference(source.name)
  }

  /// Line and column in code points; a byte that starts none (a continuation byte) is not counted.
  func position(_ offset: UInt32) -> Position {
    let position = lines.position(of: offset)
    let start = lines.range(ofLine: position.line).lower
    let before = source.bytes(in: ByteRange(start, offset))
    return Position(line: position.line, column: before.count { $0 & 0xC0 != 0x80 } + 1)
  }
}

/// A path as a URI reference (RFC 3986): relative paths stay relative.
private func uriReference(_ path: String) -> String {
  var result = path.hasPrefix("/") ? "file://" : ""
  let digits = Array("0123456789ABCDEF")
  for byte in path.utf8 {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F, 0x7E:
      result.unicodeScalars.append(Unicode.Scalar(byte))
    default: result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }
  }
  return result
}

extension Severity {
  fileprivate var sarifLevel: String {
    switch self {
    case .error: "error"
    case .warning: "warning"
    case .info, .style: "note"
    }
  }
}

extension JSONWriter {
  fileprivate mutating func driver(_ ids: [String], _ version: String) {
    object { driver in
      driver.member("fullName", "Slipway, the Dockerfile linter")
      driver.member("name", "Slipway")
      driver.member("rules") { writer in writer.array(ids) { $0.rule($1) } }
      driver.member("shortDescription") {
        $0.object { $0.member("text", "Parses, lints, mends and builds Dockerfiles") }
      }
      if !version.isEmpty { driver.member("version", version) }
    }
  }

  private mutating func rule(_ id: String) {
    object { rule in
      if let url = ruleURL(id) { rule.member("helpUri", url) }
      guard let type = RuleRegistry.rule(named: id) else {
        rule.member("id", id)
        return
      }
      let (data, page) = (type.metadata, type.documentation)
      rule.member("defaultConfiguration") { writer in
        writer.object {
          $0.member("enabled", !data.isOff)
          $0.member("level", data.severity.sarifLevel)
        }
      }
      rule.member("fullDescription") { $0.text(page.what) }
      rule.member("help") { $0.text("\(page.why)\n\n\(page.instead)") }
      rule.member("id", id)
      rule.member("name", pascalCase(data.code.name))
      rule.member("properties") { writer in
        writer.object { properties in
          properties.member("fix", data.fix?.name ?? "none")
          properties.member("tags", ["dockerfile"] + data.otherNames)
        }
      }
      rule.member("shortDescription") { $0.text(data.summary) }
    }
  }

  fileprivate mutating func result(
    _ finding: Diagnostic, _ places: SARIFPlaces, _ ruleIndex: Int, _ fingerprint: String
  ) {
    object { result in
      if !finding.fixIts.isEmpty {
        result.member("fixes") { writer in writer.array(finding.fixIts) { $0.fix($1, places) } }
      }
      result.member("level", finding.severity.sarifLevel)
      result.member("locations") { writer in
        writer.array { $0.object { $0.physicalLocation(finding.range, places) } }
      }
      result.member("message") { $0.text(finding.message + (finding.help.map { "; \($0)" } ?? "")) }
      if !fingerprint.isEmpty {
        result.member("partialFingerprints") { $0.object { $0.member("slipway/v1", fingerprint) } }
      }
      if !finding.notes.isEmpty {
        result.member("relatedLocations") { writer in
          writer.array(finding.notes) { writer, note in
            writer.object { location in
              location.member("message") { $0.text(note.message) }
              location.physicalLocation(note.range, places)
            }
          }
        }
      }
      result.member("ruleId", finding.code.id)
      result.member("ruleIndex", ruleIndex)
    }
  }

  private mutating func physicalLocation(_ range: ByteRange, _ places: SARIFPlaces) {
    member("physicalLocation") { writer in
      writer.object { location in
        location.member("artifactLocation") { $0.object { $0.member("uri", places.uri) } }
        location.member("region") { $0.region(range, places) }
      }
    }
  }

  private mutating func region(_ range: ByteRange, _ places: SARIFPlaces) {
    let (start, end) = (places.position(range.lower), places.position(range.upper))
    object { region in
      region.member("endColumn", end.column)
      region.member("endLine", end.line)
      region.member("startColumn", start.column)
      region.member("startLine", start.line)
    }
  }

  private mutating func fix(_ fixIt: FixIt, _ places: SARIFPlaces) {
    object { fix in
      fix.member("artifactChanges") { writer in
        writer.array {
          $0.object { change in
            change.member("artifactLocation") { $0.object { $0.member("uri", places.uri) } }
            change.member("replacements") { writer in
              writer.array(fixIt.edits) { writer, edit in
                writer.object { replacement in
                  replacement.member("deletedRegion") { $0.region(edit.range, places) }
                  replacement.member("insertedContent") { $0.object { $0.member("text", edit.replacement) } }
                }
              }
            }
          }
        }
      }
      fix.member("description") { $0.text("\(fixIt.title) (\(fixIt.applicability.name))") }
    }
  }

  private mutating func text(_ text: String) {
    object { $0.member("text", text) }
  }
}

/// A kebab-case name as SARIF's names are written.
private func pascalCase(_ name: String) -> String {
  name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
}
