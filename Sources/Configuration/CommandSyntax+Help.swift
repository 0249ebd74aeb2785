extension CommandSyntax {
  /// The help of the subcommand, at most 100 columns wide.
  package func help() -> String {
    var text = summary + ".\n\n" + "Usage: segmenter \(name)"
    if !options.isEmpty { text += " [OPTION…]" }
    if let operands {
      let label = operands.label + (operands.count.upperBound > max(1, operands.count.lowerBound) ? "…" : "")
      text += operands.count.lowerBound == 0 ? " [\(label)]" : " \(label)"
    }
    text += "\n"
    for paragraph in details { text += "\n" + wrapped(paragraph, indent: 0, width: 100) + "\n" }
    if let operands {
      text += "\nOperands:\n" + listed([(operands.label, operands.help)])
    }
    if !options.isEmpty {
      let rows = options.map { option in
        (flagText(option.name, option.placeholder), option.help + (option.repeats ? " (may come several times)" : ""))
      }
      text += "\nOptions:\n" + listed(rows + [("-h, --help", "print this help")])
    }
    if !settings.isEmpty {
      text += "\nSettings (each also a YAML key, and a variable such as SEGMENTER_MODEL_K):\n"
      text += listed(settings.map { ($0.flagText, "\($0.help) [\($0.defaultText)]") })
    }
    return text
  }

  private func flagText(_ name: String, _ placeholder: String) -> String {
    "    --\(name)" + (placeholder.isEmpty ? "" : " \(placeholder)")
  }

  /// The overview of all subcommands.
  package static func overview(_ commands: [CommandSyntax]) -> String {
    let rows = commands.filter { !$0.isHidden }.map { ($0.name, $0.summary) }
    return """
      Watches a stream of purchases and says, as it happens, which customer moved to which segment, and why.

      Usage: segmenter COMMAND [OPTION…]

      Commands:
      \(listed(rows))
      `segmenter COMMAND --help` tells more. Exit codes: `segmenter help exit-codes`.

      """
  }
}

extension Setting {
  /// The flags with the value's placeholder: `-k`-like short ones first.
  fileprivate var flagText: String {
    switch value {
    case .passThrough: "    --\(key).NAME VALUE"
    case .boolean: "    \(names)"
    default: "    \(names) \(placeholder)"
    }
  }

  /// The short flag, where there is one, and the long.
  private var names: String { (shortFlag.map { "--\($0), " } ?? "") + "--\(key)" }

  /// The default in words.
  package var defaultText: String {
    switch shown(in: Settings()) {
    case .value(let text): text
    case .unset(let meaning): meaning
    case .table(let entries): entries.isEmpty ? "none" : entries.map { "\($0.name)=\($0.text)" }.joined(separator: ",")
    case .list(let items), .lines(let items): items.joined(separator: ",")
    case .map: "JSON members of the names in the README"
    }
  }
}

/// Rows of a term and its help in two columns.
private func listed(_ rows: [(term: String, help: String)]) -> String {
  let width = min(30, rows.map(\.term.count).max() ?? 0)
  var text = ""
  for (term, help) in rows {
    let lines = wrapped(help, indent: width + 4, width: 100).drop { $0 == " " }
    let padding =
      term.count > width
      ? "\n" + String(repeating: " ", count: width + 4) : String(repeating: " ", count: width + 2 - term.count)
    text += "  " + term + padding + lines + "\n"
  }
  return text
}

/// `text` broken between words into lines of at most `width` columns, each after `indent` spaces.
private func wrapped(_ text: String, indent: Int, width: Int) -> String {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, indent + line.count + 1 + word.count > width {
      lines.append(line)
      line = ""
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  lines.append(line)
  return lines.map { String(repeating: " ", count: indent) + $0 }.joined(separator: "\n")
}
