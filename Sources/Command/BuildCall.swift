import ArgumentParser
import Glibc
import ImageBuild
import JSONText
import SourceText

/// The value of `--call`: what is done in place of a build (docker's option).
struct BuildCall: ExpressibleByArgument, Equatable {
  enum Method: String, CaseIterable {
    case build, check, outline, targets
  }

  var method: Method
  /// Whether the answer is JSON.
  var isJSON = false

  init(_ method: Method) { self.method = method }

  /// Reads `METHOD[,format=text|json]`; docker also takes `lint` for `check`.
  init?(argument: String) {
    let fields = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let name = fields[0] == "lint" ? "check" : fields[0]
    guard let method = Method(rawValue: name) else { return nil }
    self.method = method
    for field in fields.dropFirst() {
      switch field {
      case "format=json": isJSON = true
      case "format=text": isJSON = false
      default: return nil
      }
    }
  }

  static var allValueStrings: [String] { Method.allCases.map(\.rawValue) }
}

extension BuildCall {
  /// Prints the outline of the request's target.
  func printOutline(_ request: BuildRequest) throws {
    let outline = try answer(request) { () throws(BuildError) in try BuildOutline.make(request) }
    write(isJSON ? outline.json(request.dockerfile) : Array(outline.text.utf8))
  }

  /// Prints the stages that can be built.
  func printTargets(_ request: BuildRequest) throws {
    let targets = try answer(request) { () throws(BuildError) in try BuildTarget.list(request.dockerfile) }
    write(isJSON ? targetsJSON(targets, request.dockerfile) : Array(targetsText(targets).utf8))
  }

  private func answer<Value>(
    _ request: BuildRequest, _ body: () throws(BuildError) -> Value
  ) throws -> Value {
    do throws(BuildError) {
      return try body()
    } catch {
      throw buildFailure(error, request.dockerfile)
    }
  }

  private func write(_ bytes: [UInt8]) { writeAll(STDOUT_FILENO, bytes) }
}

extension BuildOutline {
  /// The tables that docker prints.
  fileprivate var text: String {
    var text = ""
    if name != nil || description != nil {
      let padding = description == nil ? " " : "      "
      text += "TARGET:\(padding)\(name ?? "(default)")\n"
      if let description { text += "DESCRIPTION: \(description)\n" }
      text += "\n"
    }
    if !arguments.isEmpty {
      let rows = arguments.map { [$0.name, $0.value, $0.description ?? ""] }
      text += table([["BUILD ARG", "VALUE", "DESCRIPTION"]] + rows) + "\n"
    }
    for (title, grants) in [("SECRET", secrets), ("SSH", agents)] where !grants.isEmpty {
      text += table([[title, "REQUIRED"]] + grants.map { [$0.id, $0.isRequired ? "true" : ""] }) + "\n"
    }
    return text
  }

  /// BuildKit's `result.json` of `frontend.outline`.
  fileprivate func json(_ source: Source) -> [UInt8] {
    let lines = LineIndex(source)
    var writer = JSONWriter(style: .pretty, escaping: .go)
    writer.object { writer in
      writer.member("name", ifPresent: name)
      writer.member("description", ifPresent: description)
      if !arguments.isEmpty {
        writer.member("args") { writer in
          writer.array(arguments) { writer, argument in
            writer.object { writer in
              writer.member("name", argument.name)
              writer.member("description", ifPresent: argument.description)
              if !argument.value.isEmpty { writer.member("value", argument.value) }
              writer.location(argument.range, lines)
            }
          }
        }
      }
      for (title, grants) in [("secrets", secrets), ("ssh", agents)] where !grants.isEmpty {
        writer.member(title) { writer in
          writer.array(grants) { writer, grant in
            writer.object { writer in
              writer.member("name", grant.id)
              if grant.isRequired { writer.member("required", true) }
              writer.location(grant.range, lines)
            }
          }
        }
      }
      writer.sources(source)
    }
    writer.newline()
    return writer.bytes
  }
}

private func targetsText(_ targets: [BuildTarget]) -> String {
  let rows = targets.map { target in
    let name = [target.name, target.isDefault ? "(default)" : nil].compactMap(\.self).joined(separator: " ")
    return [name, target.description ?? ""]
  }
  return table([["TARGET", "DESCRIPTION"]] + rows)
}

/// BuildKit's `result.json` of `frontend.targets`.
private func targetsJSON(_ targets: [BuildTarget], _ source: Source) -> [UInt8] {
  let lines = LineIndex(source)
  var writer = JSONWriter(style: .pretty, escaping: .go)
  writer.object { writer in
    writer.member("targets") { writer in
      writer.array(targets) { writer, target in
        writer.object { writer in
          writer.member("name", ifPresent: target.name)
          if target.isDefault { writer.member("default", true) }
          writer.member("description", ifPresent: target.description)
          writer.member("base", ifPresent: target.base)
          writer.member("platform", ifPresent: target.platform)
          writer.location(target.range, lines)
        }
      }
    }
    writer.sources(source)
  }
  writer.newline()
  return writer.bytes
}

extension JSONWriter {
  /// The lines of an instruction, as BuildKit's `pb.Location` has them.
  fileprivate mutating func location(_ range: ByteRange, _ lines: LineIndex) {
    let first = lines.line(of: range.lower)
    let last = lines.line(of: range.isEmpty ? range.lower : range.upper - 1)
    member("location") { writer in
      writer.object { writer in
        writer.member("ranges") { writer in
          writer.array { writer in
            writer.object { writer in
              for (name, line) in [("start", first), ("end", last)] {
                writer.member(name) { writer in writer.object { $0.member("line", line) } }
              }
            }
          }
        }
      }
    }
  }

  /// The Dockerfile in base64, as Go writes bytes.
  fileprivate mutating func sources(_ source: Source) {
    member("sources") { writer in
      writer.array { $0.string(base64(source.bytes)) }
    }
  }
}
