// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "segmenter",
  products: [
    .executable(name: "segmenter", targets: ["segmenter"]),
    .library(name: "Segmentation", targets: ["Segmentation"]),
  ],
  targets: [
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(name: "CLAPACK", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"])]),
    .systemLibrary(name: "CLinear", providers: [.apt(["liblinear-dev"])]),
    .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CNLopt", pkgConfig: "nlopt", providers: [.apt(["libnlopt-dev"])]),
    .systemLibrary(name: "CPrefetch"),
    .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "Analysis", dependencies: ["CLAPACK", "CLinear", "CNLopt", "Segmentation"]),
    .target(name: "Configuration", dependencies: ["CYAML"]),
    .target(name: "Kafka", dependencies: ["CRdKafka"]),
    .target(name: "Segmentation", dependencies: ["CPrefetch"]),
    .target(name: "Server", dependencies: ["CMicrohttpd", "Segmentation"]),
    .target(
      name: "Pipeline", dependencies: ["CArchive", "Kafka", "Segmentation"],
      swiftSettings: [.define("FAILPOINTS", .when(configuration: .debug))]),
    .executableTarget(
      name: "segmenter", dependencies: ["Analysis", "Configuration", "Kafka", "Pipeline", "Segmentation", "Server"]),
    .executableTarget(
      name: "Benchmarks", dependencies: ["Analysis", "CPrefetch", "Kafka", "Pipeline", "Segmentation"],
      path: "Tests/Benchmarks",
      exclude: [
        "allocation_count.c", "decode", "kafka_floor.c", "kmeans", "replay", "restore", "run", "simdjson_peer.cpp",
        "state",
      ]),
    .testTarget(name: "AnalysisTests", dependencies: ["Analysis", "Segmentation"]),
    .testTarget(name: "ConfigurationTests", dependencies: ["Configuration"]),
    .testTarget(name: "KafkaTests", dependencies: ["Kafka", "Pipeline", "Segmentation"]),
    .testTarget(name: "PipelineTests", dependencies: ["Pipeline", "Segmentation"]),
    .testTarget(name: "ProgramTests", dependencies: []),
    .testTarget(name: "SegmentationTests", dependencies: ["Segmentation"]),
    .testTarget(name: "ServerTests", dependencies: ["Server"]),
  ]
)
