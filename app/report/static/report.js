// Charts of the service report. Each says again what the table below it says, so nothing is lost without them.
"use strict";

(() => {
  const drawn = [];

  function palette(onPaper) {
    const style = getComputedStyle(document.documentElement);
    const of = (name, paper) => (onPaper ? paper : style.getPropertyValue(`--${name}`).trim());
    return {
      ink: of("ink", "#000"), line: of("line", "#bbb"), soft: of("soft", "#777"), red: of("red", "#b0261c"),
      amber: of("amber-lamp", "#d18a10"), green: of("green-lamp", "#22a35a"), accent: of("accent", "#0d5a61"),
      violet: onPaper || !matchMedia("(prefers-color-scheme: dark)").matches ? "#6a4fa3" : "#b59ce8",
    };
  }

  function draw(canvas, onPaper) {
    const told = JSON.parse(canvas.dataset.chart);
    const colours = palette(onPaper);
    const figure = canvas.parentElement;
    figure.hidden = false;
    figure.style.width = onPaper ? "17cm" : ""; // the screen is wider than the sheet
    figure.style.height = told.flat ? `${told.labels.length * 2.1 + 5}rem` : "17rem";
    const counts = { stacked: true, ticks: { color: colours.ink, precision: 0 }, grid: { color: colours.line }, beginAtZero: true };
    const room = Math.max(10, Math.round(figure.clientWidth / 26)); // letters of a name
    const short = (name) => (name.length > room ? `${name.slice(0, room - 1)}…` : name);
    const names = {
      stacked: true,
      ticks: { color: colours.ink, autoSkip: !told.flat, callback: (_, n) => short(told.labels[n]) },
      grid: { display: false },
    };
    return new Chart(canvas, {
      type: "bar",
      data: {
        labels: told.labels,
        datasets: told.series.map((series) => ({
          label: series.name, data: series.values, backgroundColor: colours[series.tone], borderRadius: 3, maxBarThickness: 28,
        })),
      },
      options: {
        indexAxis: told.flat ? "y" : "x",
        animation: false,
        maintainAspectRatio: false,
        scales: told.flat ? { x: counts, y: names } : { x: names, y: counts },
        plugins: { legend: { labels: { color: colours.ink, boxWidth: 14 }, position: "bottom" } },
      },
    });
  }

  function drawAll(onPaper) {
    drawn.splice(0).forEach((chart) => chart.destroy());
    document.querySelectorAll("canvas[data-chart]").forEach((canvas) => drawn.push(draw(canvas, onPaper)));
    document.documentElement.dataset.charts = String(drawn.length);
  }

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  drawAll(false);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(false));
  addEventListener("beforeprint", () => drawAll(true));
  addEventListener("afterprint", () => drawAll(false));
})();
