import JSONText
import OCIModel

/// A transfer for machines: one JSON object a line, with the members of docker's own stream (`status`, `id`, `progressDetail`, `error`,
/// `errorDetail`) and the digest in full. docs/registries.md describes them.
enum TransferJSON {
  static func progress(
    _ id: String, _ status: String, _ current: Int64, of total: Int64, _ digest: Digest?
  ) -> String {
    line { writer in
      writer.member("id", id)
      writer.member("status", status)
      writer.member("progressDetail") { writer in
        writer.object { writer in
          writer.member("current", current)
          writer.member("total", total)
        }
      }
      writer.member("digest", ifPresent: digest?.description)
    }
  }

  static func finished(_ id: String, _ status: String, size: Int64, _ digest: Digest?) -> String {
    line { writer in
      writer.member("id", id)
      writer.member("status", status)
      writer.member("digest", ifPresent: digest?.description)
      writer.member("size", size)
    }
  }

  /// - Parameter reference: the tag or digest that it has in its repository.
  static func manifest(_ manifest: Descriptor, _ reference: String) -> String {
    line { writer in
      writer.member("id", reference)
      writer.member("status", "Manifest")
      writer.member("digest", manifest.digest.description)
      writer.member("size", manifest.size)
    }
  }

  static func result(_ name: String, _ status: String, _ digest: Digest) -> String {
    line { writer in
      writer.member("name", name)
      writer.member("status", status)
      writer.member("digest", digest.description)
    }
  }

  static func warning(_ text: String) -> String { line { $0.member("warning", text) } }

  static func error(_ text: String) -> String {
    line { writer in
      writer.member("error", text)
      writer.member("errorDetail") { writer in writer.object { $0.member("message", text) } }
    }
  }

  private static func line(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter(escaping: .go)
    writer.object { body(&$0) }
    return String(decoding: writer.bytes, as: UTF8.self) + "\n"
  }
}
