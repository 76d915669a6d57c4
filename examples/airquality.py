"""Ozone and temperature in New York, summer 1973.

    ./glovebox run examples/airquality.py --file examples/data/airquality.csv --out results

Prints a table per month, saves three results by name, and leaves a figure open, which arrives as a PNG.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

air = load_file("data/airquality.csv")
air["Date"] = pd.to_datetime(dict(year=1973, month=air["Month"], day=air["Day"]))
print(f"{len(air)} days, {air['Ozone'].isna().sum()} without an ozone reading\n")

# A table per month.
by_month = (
    air.assign(Month=air["Date"].dt.month_name())
    .groupby("Month", sort=False)
    .agg(
        days=("Date", "size"),
        ozone_mean=("Ozone", "mean"),
        ozone_max=("Ozone", "max"),
        temp_mean=("Temp", "mean"),
        wind_mean=("Wind", "mean"),
    )
    .round(1)
)
print(by_month.to_string(), "\n")
save_result("summary", by_month.to_dict(orient="index"))
report_progress(0.4, "summary per month")

# Ozone against temperature: a straight line by least squares, over the days that have both.
days = air.dropna(subset=["Ozone", "Temp"])
slope, intercept = np.polyfit(days["Temp"], days["Ozone"], 1)
correlation = days["Ozone"].corr(days["Temp"])
print(f"ozone = {slope:.2f} * temperature {intercept:+.1f}   (r = {correlation:.3f}, n = {len(days)})")
save_result(
    "fit",
    {
        "slope": round(slope, 4),
        "intercept": round(intercept, 4),
        "r": round(correlation, 4),
        "n": len(days),
    },
)

worst = days.loc[days["Ozone"].idxmax()]
print(f"worst day: {worst['Date']:%-d %B}, {worst['Ozone']:.0f} ppb at {worst['Temp']} °F")
save_result("worst_day", {"date": f"{worst['Date']:%Y-%m-%d}", "ozone": float(worst["Ozone"])})
report_progress(0.8, "line fitted")

# The figure.
figure, axes = plt.subplots(figsize=(7, 4.5))
points = axes.scatter(days["Temp"], days["Ozone"], c=days["Wind"], cmap="viridis_r", s=22)
temperatures = np.array([days["Temp"].min(), days["Temp"].max()])
axes.plot(temperatures, slope * temperatures + intercept, color="crimson", label=f"least squares, r = {correlation:.2f}")
axes.set_xlabel("highest temperature of the day (°F)")
axes.set_ylabel("ozone (ppb)")
axes.set_title("Ozone against temperature, New York, May to September 1973")
axes.legend(loc="upper left")
figure.colorbar(points, label="wind (mph)")
plt.show()
