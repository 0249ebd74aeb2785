import Analysis
import Glibc
import Segmentation

/// Lloyd's iterations on a file of points, in turns with scikit-learn by `Tests/Benchmarks/kmeans`: for every line on
/// stdin a fit is made, and its seconds, its inertia and whether it converged are printed.
///
///     Benchmarks kmeans POINTS FEATURES START ITERATIONS
///
/// The files hold doubles in the machine's byte order, row by row.
func benchmarkKMeans(_ arguments: [String]) {
  guard arguments.count == 4, let features = Int(arguments[1]), features > 0, let iterations = Int(arguments[3]) else {
    stop(64, "usage: Benchmarks kmeans POINTS FEATURES START ITERATIONS")
  }
  let points = Points(values: doubles(arguments[0]), features: features)
  let start = doubles(arguments[2])
  while readLine() != nil {
    let clock = ContinuousClock()
    let begin = clock.now
    let fit = points.lloyd(from: start, iterations: iterations).fit
    let seconds = (clock.now - begin) / .seconds(1)
    print(seconds, fit.inertia, fit.hasConverged)
    fflush(nil)
  }
}

private func doubles(_ path: String) -> [Double] {
  guard let file = fopen(path, "r") else { stop(66, "`\(path)` cannot be read") }
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  let count = ftell(file) / MemoryLayout<Double>.size
  rewind(file)
  return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
    initialized = fread(buffer.baseAddress, MemoryLayout<Double>.size, count, file)
  }
}
