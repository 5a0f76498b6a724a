package import DockerfileSyntax

extension ASTDump {
  /// The stages and what they depend on as a Graphviz graph (DOT language).
  package static func dot(_ file: Dockerfile) -> [UInt8] {
    let graph = StageGraph(file)
    func label(_ text: String) -> String {
      let escaped = text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
      return "\"\(String(escaped))\""
    }
    var text = "digraph stages {\n  rankdir=LR;\n"
    for (number, name) in graph.images.enumerated() {
      text += "  image\(number) [label=\(label(name)), shape=ellipse];\n"
    }
    for (number, name) in graph.stages.enumerated() {
      let shown = label(name.utf8.shown(in: 100, escapesQuotes: false))
      text += "  stage\(number) [label=\(shown), shape=box];\n"
    }
    for edge in graph.edges {
      let style =
        switch edge.reason {
        case .base: ""
        case .copy: " [label=\"COPY\", style=dashed]"
        case .mount: " [label=\"mount\", style=dotted]"
        }
      text += "  \(edge.source.identifier) -> stage\(edge.stage)\(style);\n"
    }
    return Array((text + "}\n").utf8)
  }

  /// The stages and what they depend on as a Mermaid flowchart, which GitHub and GitLab draw in Markdown.
  package static func mermaid(_ file: Dockerfile) -> [UInt8] {
    let graph = StageGraph(file)
    func label(_ text: String) -> String {
      var result = "\""
      for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "#", "&", "<", ">", "`", ";": result += "#\(scalar.value);"
        default: result.unicodeScalars.append(scalar)
        }
      }
      return result + "\""
    }
    var text = "flowchart LR\n"
    for (number, name) in graph.images.enumerated() { text += "  image\(number)([\(label(name))])\n" }
    for (number, name) in graph.stages.enumerated() {
      text += "  stage\(number)[\(label(name.utf8.shown(in: 100, escapesQuotes: false)))]\n"
    }
    for edge in graph.edges {
      let arrow =
        switch edge.reason {
        case .base: "-->"
        case .copy: "-. COPY .->"
        case .mount: "-. mount .->"
        }
      text += "  \(edge.source.identifier) \(arrow) stage\(edge.stage)\n"
    }
    return Array(text.utf8)
  }
}

extension StageGraph.Node {
  fileprivate var identifier: String {
    switch self {
    case .stage(let number): "stage\(number)"
    case .image(let number): "image\(number)"
    }
  }
}
