extension HTMLReport {
  /// How the report looks: narrow and wide, light and dark, on paper.
  static let style: String = {
    let light = colours(\.light, Palette.light)
    let dark = colours(\.dark, Palette.dark)
    let series = Palette.light.indices.map {
      "svg .k\($0){fill:var(--k\($0))} svg .sk\($0){stroke:var(--k\($0))}"
    }.joined(separator: "\n")
    return """
      :root{\(light)}
      @media (prefers-color-scheme:dark){:root{\(dark)}}
      @media print{:root{\(light)}}
      \(page)
      \(series)
      svg .ti{fill:var(--ink)} svg .tm{fill:var(--muted)} svg .ta{fill:var(--axis)} svg .tg{fill:var(--grid)}
      svg .sti{stroke:var(--ink)} svg .stm{stroke:var(--muted)}
      svg .sta{stroke:var(--axis)} svg .stg{stroke:var(--grid)}
      svg .ground{fill:var(--card)} svg .rim{stroke:var(--card)}
      """
  }()

  private typealias Pair = (light: String, dark: String)

  private static func colours(_ side: KeyPath<Pair, String>, _ series: [String]) -> String {
    let named: [(String, Pair)] = [
      ("ink", Palette.ink), ("muted", Palette.muted), ("axis", Palette.axis), ("grid", Palette.grid),
      ("card", Palette.ground), ("page", ("#f3f6f9", "#0e1319")), ("link", ("#0554a3", "#8ec3f7")),
      ("head", ("#eaf0f6", "#222b36")),
    ]
    return named.map { "--\($0.0):\($0.1[keyPath: side])" }.joined(separator: ";") + ";"
      + series.enumerated().map { "--k\($0.offset):\($0.element)" }.joined(separator: ";")
  }

  private static let page = """
    *{box-sizing:border-box}
    html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
    @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
    body{margin:0;background:var(--page);color:var(--ink);line-height:1.55;overflow-wrap:anywhere;
    font-family:system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
    a{color:var(--link)}
    :focus-visible{outline:3px solid var(--link);outline-offset:2px}
    main:focus{outline:none}
    .skip{position:absolute;left:-999px;top:0;background:var(--card);padding:.6rem 1rem;z-index:2}
    .skip:focus{left:.5rem;top:.5rem}
    .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    header,nav,main,footer{max-width:72rem;margin:0 auto;padding:0 1rem}
    h1{font-size:clamp(1.5rem,4vw,2.2rem);line-height:1.2;margin:1.6rem 0 .6rem}
    h2{font-size:1.4rem;line-height:1.25;margin:0 0 .8rem}
    h3{font-size:1.1rem;margin:1.6rem 0 .4rem}
    p,li{max-width:46rem}
    nav ol{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:0;margin:0 0 1rem}
    nav a{display:inline-block;padding:.3rem 0}
    section{background:var(--card);border:1px solid var(--grid);border-radius:.6rem;
    padding:1.2rem clamp(.8rem,3vw,1.8rem);margin:0 0 1.2rem;scroll-margin-top:1rem}
    section:first-child ul{font-size:1.12rem;padding-left:1.2rem} section:first-child li{margin:.5rem 0}
    .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));
    gap:1.4rem 2rem;margin:1rem 0}
    figure{margin:0;min-width:0} figure.wide{grid-column:1/-1}
    figcaption{margin-bottom:.5rem} figcaption strong{display:block}
    figcaption span{color:var(--muted);font-size:.92rem}
    svg{display:block;width:100%;max-width:calc(var(--w)*1.2);height:auto}
    .wide svg{min-width:calc(var(--w)*.85)}
    .scroll{overflow-x:auto;max-width:100%}
    details{margin:.3rem 0} summary{cursor:pointer;color:var(--link);padding:.3rem 0;font-size:.92rem}
    details .scroll{max-height:26rem;overflow-y:auto}
    table{border-collapse:collapse;font-size:.92rem;margin:.4rem 0 1rem;font-variant-numeric:tabular-nums}
    caption{text-align:left;font-weight:600;padding:.3rem 0}
    th,td{text-align:left;vertical-align:top;padding:.32rem .7rem;border-bottom:1px solid var(--grid);
    overflow-wrap:normal;unicode-bidi:plaintext;min-width:3rem;max-width:26rem}
    th[scope=row],td:not(.n){overflow-wrap:break-word} tbody th{min-width:9rem}
    td:not(.n){min-width:7rem}
    li{white-space:pre-wrap}
    thead th{background:var(--head);vertical-align:bottom} tbody th{font-weight:500}
    .n{text-align:right;white-space:nowrap}
    thead .n{white-space:normal}
    footer{padding-bottom:2rem;color:var(--muted);font-size:.92rem} footer h2{font-size:1.1rem;color:var(--ink)}
    dl{margin:0} dl div{display:flex;flex-wrap:wrap;gap:0 .8rem;padding:.15rem 0}
    dt{min-width:10rem;color:var(--ink)} dd{margin:0;font-family:ui-monospace,monospace}
    @media (min-width:90rem){
    body{display:grid;grid-template-columns:15rem minmax(0,72rem);justify-content:center;column-gap:1rem}
    header,main,footer{grid-column:2;margin:0;width:100%}
    nav{grid-column:1;grid-row:2;position:sticky;top:1rem;align-self:start;padding-top:.4rem}
    nav ol{flex-direction:column}
    }
    @media print{
    body{display:block;background:none;font-size:10.5pt} nav,.skip,details{display:none}
    header,main,footer{max-width:none;padding:0} section{border:0;padding:0;border-radius:0}
    h2,h3{break-after:avoid} figure,tr{break-inside:avoid} .scroll{overflow:visible}
    svg,th,td{print-color-adjust:exact;-webkit-print-color-adjust:exact}
    .charts{grid-template-columns:repeat(2,minmax(0,1fr))} .wide svg{min-width:0}
    }
    """
}
