/// Completion scripts for shells, made of the subcommands' syntax.
package enum Completion {
  /// A script for bash: `source <(segmenter completion bash)`.
  package static func bash(_ commands: [CommandSyntax]) -> String {
    let visible = commands.filter { !$0.isHidden }
    let names = visible.map { firstWord($0.name) }.uniqued()
    var flags = ""
    var words = ""
    for command in visible {
      let pattern = command.name.replacing(" ", with: "\\ ")
      flags += "      \(pattern)) words='\(command.flagNames.map { "--\($0)" }.joined(separator: " "))' ;;\n"
      for (flag, choices) in command.flagChoices {
        words += "      \(pattern)\\ --\(flag)) words='\(choices.joined(separator: " "))' ;;\n"
      }
      if let choices = command.operands?.choices, !choices.isEmpty {
        words += "      \(pattern)*) words='\(choices.joined(separator: " "))' ;;\n"
      }
    }
    var seconds = ""
    for first in names {
      let words = visible.compactMap { secondWord($0.name, after: first) }
      if !words.isEmpty { seconds += "    \(first)) words='\(words.joined(separator: " "))' ;;\n" }
    }
    return """
      # bash completion of segmenter: source <(segmenter completion bash)
      _segmenter() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words='' command=${COMP_WORDS[1]}
        if (( COMP_CWORD == 1 )); then
          COMPREPLY=( $(compgen -W '\(names.joined(separator: " "))' -- "$current") )
          return
        fi
        case $command in
      \(seconds)  esac
        if [[ -n $words ]]; then
          if (( COMP_CWORD == 2 )); then
            COMPREPLY=( $(compgen -W "$words" -- "$current") )
            return
          fi
          command="$command ${COMP_WORDS[2]}"
          words=''
        fi
        if [[ $current == -* ]]; then
          case $command in
      \(flags)    esac
        else
          case "$command $previous" in
      \(words)    esac
        fi
        if [[ -n $words ]]; then
          COMPREPLY=( $(compgen -W "$words" -- "$current") )
        else
          COMPREPLY=( $(compgen -f -- "$current") )
        fi
      }
      complete -o filenames -F _segmenter segmenter

      """
  }

  /// A script for zsh: `segmenter completion zsh > "${fpath[1]}/_segmenter"`.
  package static func zsh(_ commands: [CommandSyntax]) -> String {
    let visible = commands.filter { !$0.isHidden }
    let firsts = visible.map { firstWord($0.name) }.uniqued()
    var cases = ""
    for first in firsts {
      let family = visible.filter { firstWord($0.name) == first }
      cases += "    \(first))\n"
      if family.count == 1, family[0].name == first {
        cases += "      _arguments \(arguments(family[0]))\n"
      } else {
        let words = family.compactMap { secondWord($0.name, after: first) }
        cases += "      if (( CURRENT == 2 )); then _values '\(first)' \(words.joined(separator: " ")); return; fi\n"
        cases += "      shift words; (( CURRENT-- ))\n      case $words[1] in\n"
        for command in family {
          guard let word = secondWord(command.name, after: first) else { continue }
          cases += "        \(word)) _arguments \(arguments(command)) ;;\n"
        }
        cases += "      esac\n"
      }
      cases += "      ;;\n"
    }
    let described = firsts.map { first in
      let summary = visible.first { firstWord($0.name) == first }?.summary ?? ""
      return "'\(first):\(escaped(summary))'"
    }
    return """
      #compdef segmenter
      # zsh completion of segmenter: segmenter completion zsh > "${fpath[1]}/_segmenter"
      _segmenter() {
        local -a commands=(\(described.joined(separator: " ")))
        if (( CURRENT == 2 )); then _describe command commands; return; fi
        shift words; (( CURRENT-- ))
        case $words[1] in
      \(cases)  esac
      }
      _segmenter "$@"

      """
  }

  private static func arguments(_ command: CommandSyntax) -> String {
    var parts = ["'--help[print help]'"]
    for option in command.options {
      let star = option.repeats ? "*" : ""
      let action =
        switch option.value {
        case .none: ""
        case .file: ":file:_files"
        case .choice(let words): ":value:(\(words.joined(separator: " ")))"
        default: ":\(option.placeholder):"
        }
      parts.append("'\(star)--\(option.name)[\(escaped(option.help))]\(action)'")
    }
    for setting in command.settings {
      let help = escaped(setting.help)
      let words = setting.choices.joined(separator: " ")
      let action =
        setting.isBoolean
        ? "" : setting.placeholder == "FILE" ? ":file:_files" : words.isEmpty ? ":value:" : ":value:(\(words))"
      for name in [setting.key] + (setting.shortFlag.map { [$0] } ?? []) {
        parts.append("'--\(name)[\(help)]\(action)'")
      }
    }
    if let operands = command.operands {
      let action = operands.choices.isEmpty ? "_files" : "(\(operands.choices.joined(separator: " ")))"
      parts.append("'*:\(operands.label):\(action)'")
    }
    return parts.joined(separator: " ")
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for letter in text {
      switch letter {
      case "'": result += "'\\''"
      case "[", "]", ":", "\\": result += "\\\(letter)"
      default: result.append(letter)
      }
    }
    return result
  }

  private static func firstWord(_ name: String) -> String {
    String(name.prefix { $0 != " " })
  }

  private static func secondWord(_ name: String, after first: String) -> String? {
    name.hasPrefix(first + " ") ? String(name.dropFirst(first.count + 1)) : nil
  }
}

extension CommandSyntax {
  /// The flags that take one of a few words, with the words.
  fileprivate var flagChoices: [(flag: String, words: [String])] {
    var choices: [(flag: String, words: [String])] = []
    for option in options { if case .choice(let words) = option.value { choices.append((option.name, words)) } }
    for setting in settings where !setting.choices.isEmpty && !setting.isBoolean {
      choices.append((setting.key, setting.choices))
    }
    return choices
  }
}

extension Array where Element: Hashable {
  /// The elements without repeats, in their order.
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
