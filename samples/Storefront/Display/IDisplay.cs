namespace Storefront.Display;

/// <summary>Shows the demo while it runs; disposing it shows the last state.</summary>
internal interface IDisplay : IAsyncDisposable
{
    /// <summary>Says that something happened.</summary>
    void Announce(string text);
}
