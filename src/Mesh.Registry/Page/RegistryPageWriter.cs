using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Mesh.Registry;

/// <summary>Writes the page. Every value goes through <see cref="Text(string)"/>: all of them come from whoever can reach the registry.</summary>
internal sealed class RegistryPageWriter(string address, DateTimeOffset startedAt, DateTimeOffset now, RegistrySettings settings)
{
    // A page of ten thousand rows helps nobody and costs megabytes each few seconds.
    internal const int MaxRows = 500;
    private const int RefreshSeconds = 5;

    private readonly StringBuilder _html = new(4_096);

    public string Write(RegistrySnapshot snapshot, RegistryCounters counters)
    {
        _html.Append(CultureInfo.InvariantCulture, $$"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{{RefreshSeconds}}">
            <meta name="viewport" content="width=device-width, initial-scale=1"><title>Service registry</title>
            <style>
            body{font:15px/1.45 system-ui,sans-serif;margin:2rem;color:#1c1c1c;background:#fff}
            table{border-collapse:collapse;margin:0 0 1.5rem}
            th,td{text-align:left;vertical-align:top;padding:.3rem 1rem .3rem 0;border-bottom:1px solid #ddd}
            th{font-weight:600;color:#555}
            .up{color:#0a6b2d}.other{color:#a33a00}.note{color:#555}
            </style></head><body><h1>Service registry</h1>
            """);
        Paragraph($"{Count(snapshot.Count, "instance")} of {Count(snapshot.Apps.Count, "service")}. Clients use {address} as the service URL.");
        if (snapshot.Count == 0)
        {
            Paragraph(WhyEmpty(counters));
        }

        var rows = 0;
        foreach (var (app, instances) in snapshot.Apps)
        {
            if (rows >= MaxRows)
            {
                break;
            }

            _html.Append("<h2>");
            Text(app);
            _html.Append("</h2><table><thead><tr><th>Instance</th><th>Address</th><th>Status</th><th>Zone</th><th>Version</th><th>Metadata</th><th>Last heartbeat</th><th>Last change</th></tr></thead><tbody>");
            foreach (var instance in instances.Values.Take(MaxRows - rows))
            {
                Row(instance);
                rows++;
            }

            _html.Append("</tbody></table>");
        }

        if (rows < snapshot.Count)
        {
            Paragraph($"{Count(snapshot.Count - rows, "further instance")} not shown here; {address}apps lists all.");
        }

        return _html.Append("</body></html>\n").ToString();
    }

    private string WhyEmpty(RegistryCounters counters)
    {
        if (counters.Registered == 0)
        {
            return $"No instance is registered: none has tried with success since this registry started {Ago(now - startedAt)} ago. "
                + $"Check that the services run, that their service URL is {address}, and that they are set to register. A refused registration gets an answer that says why.";
        }

        return $"No instance is registered any more. Since this registry started {Ago(now - startedAt)} ago, {counters.Registered} registered, "
            + $"{counters.Cancelled} said goodbye, {counters.Evicted} removed because no heartbeat came within the lease "
            + $"(looked for every {Ago(settings.EvictionInterval)}).";
    }

    private void Row(RegisteredInstance instance)
    {
        _html.Append("<tr>");
        Cell(instance.Id);
        Cell(Address(instance));
        _html.Append(instance.Status == InstanceStatus.Up ? "<td class=\"up\">" : "<td class=\"other\">");
        Text(instance.Status.ToWire() + (instance.Override is null ? "" : " (set by request)"));
        _html.Append("</td>");
        Cell(Metadata(instance, "zone"));
        Cell(Metadata(instance, "version"));
        Cell(string.Join(", ", instance.Metadata.Where(static entry => entry.Key is not ("zone" or "version")).Select(static entry => $"{entry.Key}={entry.Value}")));
        Cell($"{Ago(instance.Lease.Age)} ago, lease {Ago(TimeSpan.FromSeconds(instance.Lease.DurationSeconds))}");
        Cell($"{(instance.LastChange == ChangeKind.Added ? "registered" : "status set")} {Ago(now - DateTimeOffset.FromUnixTimeMilliseconds(instance.LastUpdatedAt))} ago");
        _html.Append("</tr>");
    }

    private static string Address(RegisteredInstance instance)
    {
        var plain = instance.Port.Enabled ? $"http://{instance.IpAddress}:{instance.Port.Number}" : "";
        var secure = instance.SecurePort.Enabled ? $"https://{instance.HostName}:{instance.SecurePort.Number}" : "";
        return plain.Length > 0 && secure.Length > 0 ? $"{plain} {secure}" : plain + secure;
    }

    private static string Metadata(RegisteredInstance instance, string key) =>
        instance.Metadata.FirstOrDefault(entry => entry.Key == key).Value ?? "";

    private static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string Ago(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)time.TotalMilliseconds)} ms"),
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalSeconds} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h"),
    };

    private void Paragraph(string text)
    {
        _html.Append("<p class=\"note\">");
        Text(text);
        _html.Append("</p>");
    }

    private void Cell(string text)
    {
        _html.Append("<td>");
        Text(text);
        _html.Append("</td>");
    }

    private void Text(string text) => _html.Append(HtmlEncoder.Default.Encode(text));
}
