namespace Storefront.Scenes;

/// <summary>Whether a fault really hit, and what shows it.</summary>
internal sealed record Proof(bool Hit, string Text);
