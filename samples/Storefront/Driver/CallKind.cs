namespace Storefront.Driver;

/// <summary>The two kinds of call that the driver makes.</summary>
internal enum CallKind
{
    /// <summary><c>GET /products/{id}</c>, which the storefront passes on to <c>catalog</c>.</summary>
    Product,

    /// <summary><c>POST /orders</c>, which the storefront passes on to <c>orders</c>.</summary>
    Order,
}
