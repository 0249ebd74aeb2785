import Analysis
import Configuration
import Pipeline

extension Command {
  /// `segmenter score`
  static let score = Command(
    syntax: CommandSyntax(
      "score", "Tell who will respond, or which segment customers will be in",
      details: [
        "Reads MODEL, which `analyze` wrote (response-model.json, segment-model.json), and FILE, a table with one row a"
          + " customer, cleans it as the analysed table was, and writes a CSV file: the customer, the likeliest class,"
          + " and the probability of every class. FILE needs the columns that the model asks, under the same names, in"
          + " any order; one that is missing is named (65)."
      ],
      operands: .init("MODEL FILE", 2...2, "the model, and the table; one of them may be `-` for stdin"),
      options: [CommandOption("output", .file, "write to this file [stdout]")])
  ) { arguments, _ in
    let (model, file) = (arguments.operands[0], arguments.operands[1])
    if model == "-", file == "-" { throw CommandFailure(.usage, "MODEL and FILE cannot both be stdin") }
    let classifier = try SavedClassifier(
      json: WholeFile.read(model, bytesMax: SavedClassifier.bytesMax), name: model)
    let scores = try classifier.scores(of: WholeFile.read(file, bytesMax: 1 << 31 - 1), name: file)
    let output = try OutputFile(path: arguments.text("output") ?? "-")
    try Array(scores.csv.utf8).withUnsafeBytes { try output.write($0) }
    try output.close()
  }
}
