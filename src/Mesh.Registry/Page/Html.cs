using System.Text;
using System.Text.Encodings.Web;

namespace Mesh.Registry.Page;

/// <summary>Builds a page. Every value goes through <see cref="Text"/>: any client of the registry can set them.</summary>
internal sealed class Html
{
    private readonly StringBuilder _html = new(16_384);

    /// <summary>Adds the page's own markup.</summary>
    public Html Raw(string markup)
    {
        _html.Append(markup);
        return this;
    }

    public Html Text(string text)
    {
        _html.Append(HtmlEncoder.Default.Encode(text));
        return this;
    }

    /// <summary>Adds an element that contains text.</summary>
    public Html Element(string name, string text, string? cssClass = null)
    {
        _html.Append('<').Append(name);
        if (cssClass is not null)
        {
            _html.Append(" class=\"").Append(cssClass).Append('"');
        }

        _html.Append('>');
        return Text(text).Raw("</").Raw(name).Raw(">");
    }

    public override string ToString() => _html.ToString();
}
