using System.Globalization;
using Mesh.Registry.Instances;
using Mesh.Registry.Store;

namespace Mesh.Registry.Page;

/// <summary>Writes the services and their instances. A service is one line that opens; if there are few services, all are open.</summary>
internal sealed class ServiceList(Html html, DateTimeOffset now)
{
    /// <summary>The number of instances that are written. The rest is on the page of their service: a page with fifty thousand rows is of
    /// no use.</summary>
    public const int MaxRows = 2_000;

    private const int OpenServices = 12;
    private int _rows;

    public void Write(RegistrySnapshot snapshot, PageSelection selection)
    {
        html.Raw("<section id=\"services\" aria-label=\"Services\">");
        if (selection.Service is { } only && snapshot.Apps.TryGetValue(only, out var chosen))
        {
            html.Raw("<p><a href=\"?\">All services</a></p>");
            Service(only, [.. chosen.Values], isOpen: true, int.MaxValue);
        }
        else if (selection.OnlyNotUp)
        {
            html.Raw("<p>Only instances that are not UP. <a href=\"?\">All services</a></p>");
            foreach (var (app, instances) in snapshot.Apps)
            {
                NotUp(app, [.. instances.Values.Where(static instance => instance.Status != InstanceStatus.Up)]);
            }
        }
        else
        {
            // Services that need attention come first; the rest by name.
            foreach (var (app, instances) in snapshot.Apps.OrderBy(static app => app.Value.Values.All(IsSound)))
            {
                var isOpen = snapshot.Apps.Count <= OpenServices || instances.Values.Any(static instance => instance.Lease.IsExpired());
                Service(app, [.. instances.Values], isOpen, MaxRows - _rows);
            }
        }

        html.Raw("</section>");
    }

    private static bool IsSound(RegisteredInstance instance) => instance.Status == InstanceStatus.Up && !instance.Lease.IsExpired();

    private void NotUp(string app, RegisteredInstance[] instances)
    {
        if (instances.Length > 0)
        {
            Service(app, instances, isOpen: true, MaxRows - _rows);
        }
    }

    private void Service(string app, RegisteredInstance[] instances, bool isOpen, int room)
    {
        html.Raw(isOpen ? "<details open class=\"service\"><summary><h2>" : "<details class=\"service\"><summary><h2>")
            .Text(app)
            .Raw("</h2>");
        foreach (var group in instances.GroupBy(static instance => instance.Status)
            .OrderByDescending(static group => group.Key == InstanceStatus.Up))
        {
            html.Raw(" <span class=\"badge ").Raw(Css(group.Key)).Raw("\">").Text($"{group.Count()} {group.Key.ToWire()}").Raw("</span>");
        }

        Values("zone", instances);
        Values("version", instances);
        html.Raw("</summary>");
        var shown = Math.Min(instances.Length, Math.Max(0, room));
        if (shown > 0)
        {
            html.Raw("<div class=\"wide\"><table><thead><tr><th scope=\"col\">Instance</th><th scope=\"col\">Status</th><th "
                + "scope=\"col\">Zone</th><th scope=\"col\">Version</th>"
                + "<th scope=\"col\">Last heartbeat</th><th scope=\"col\">Last change</th><th "
                + "scope=\"col\">Metadata</th></tr></thead><tbody>");
            foreach (var instance in instances.AsSpan(0, shown))
            {
                Row(instance);
            }

            html.Raw("</tbody></table></div>");
        }

        if (shown < instances.Length)
        {
            html.Raw("<p><a href=\"?service=")
                .Text(Uri.EscapeDataString(app))
                .Raw("\">")
                .Text(Words.Count(instances.Length - shown, "further instance"))
                .Raw("</a></p>");
        }

        html.Raw("</details>");
        _rows += shown;
    }

    private void Row(RegisteredInstance instance)
    {
        html.Raw("<tr><td>").Element("b", instance.Id).Raw("<br>").Element("span", Address(instance), "quiet").Raw("</td><td>")
            .Raw("<span class=\"badge ").Raw(Css(instance.Status)).Raw("\">").Text(instance.Status.ToWire()).Raw("</span>");
        if (instance.Override is not null)
        {
            html.Raw("<br><span class=\"quiet\">set by request</span>");
        }

        html.Raw("</td>").Element("td", Metadata(instance, "zone")).Element("td", Metadata(instance, "version"));
        Lease(instance.Lease);
        html.Element("td", $"{Change(instance.LastChange)} "
            + $"{Words.Time(now - DateTimeOffset.FromUnixTimeMilliseconds(instance.LastUpdatedAt))} ago").Raw("<td>");
        foreach (var (key, value) in instance.Metadata)
        {
            if (key is not ("zone" or "version"))
            {
                html.Element("span", $"{key}={value}", "chip").Raw(" ");
            }
        }

        html.Raw("</td></tr>");
    }

    private void Lease(Lease lease)
    {
        var expired = lease.IsExpired();
        html.Raw(expired ? "<td class=\"late\">" : "<td>")
            .Text($"{Words.Time(lease.Age)} ago, lease {Words.Time(lease.Duration)}")
            .Raw("<br>")
            .Raw(string.Create(CultureInfo.InvariantCulture,
                $"<meter min=\"0\" max=\"{lease.DurationSeconds}\" high=\"{lease.DurationSeconds * 0.67:0}\" "
                + $"value=\"{(int)lease.Age.TotalSeconds}\"></meter>"));
        if (expired)
        {
            html.Raw(" out of lease");
        }

        html.Raw("</td>");
    }

    private void Values(string key, RegisteredInstance[] instances)
    {
        const int Most = 4;
        var values = instances.Select(instance => Metadata(instance, key))
            .Where(static value => value.Length > 0)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToArray();
        if (values.Length > 0)
        {
            var rest = values.Length > Most ? string.Create(CultureInfo.InvariantCulture, $" and {values.Length - Most} more") : "";
            html.Raw(" ").Element("span", $"· {key} {string.Join(", ", values.Take(Most))}{rest}", "quiet");
        }
    }

    private static string Address(RegisteredInstance instance)
    {
        var plain = instance.Port.Enabled ? $"http://{instance.IpAddress}:{instance.Port.Number}" : "";
        var secure = instance.SecurePort.Enabled ? $"https://{instance.HostName}:{instance.SecurePort.Number}" : "";
        return plain.Length > 0 && secure.Length > 0 ? $"{plain} {secure}" : plain + secure;
    }

    private static string Metadata(RegisteredInstance instance, string key) =>
        instance.Metadata.FirstOrDefault(entry => entry.Key == key).Value ?? "";

    private static string Change(ChangeKind change) => change == ChangeKind.Added ? "registered" : "status set";

    private static string Css(InstanceStatus status) => status switch
    {
        InstanceStatus.Up => "up",
        InstanceStatus.Starting => "starting",
        _ => "down",
    };
}
